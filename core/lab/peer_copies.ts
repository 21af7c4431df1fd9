/**
 * Diskless checkpointing with a partner: every image is in the memory of its node and in that of the
 * node behind it, so that the loss of one of the two leaves the other (Plank's diskless
 * checkpointing; the buddies of multi-level libraries). A copy is whole when its holder has not
 * crashed since t0 of the image; copies that are lost are not made again.
 */
import type { NodeRecord } from "./node_record.ts";
import type { Setup } from "./setup.ts";
import type { World } from "./world.ts";

/** Who has the second copies of a node's images: the next node of the setup, behind the last the first. */
export function partnerOf({ nodes }: Pick<Setup, "nodes">, node: NodeRecord): NodeRecord {
  const all = [...nodes.values()];
  return all[(all.indexOf(node) + 1) % all.length] as NodeRecord;
}

/** These nodes have lost their memory now: images that were nowhere else are gone. */
export function loseCopies(world: World, names: readonly string[]): void {
  const { setup, now } = world;
  for (const name of names) setup.node(name).memoryLostNs = now;
  for (const node of setup.nodes.values()) {
    const last = Math.min(node.memoryLostNs, partnerOf(setup, node).memoryLostNs);
    if (last < 0) continue;
    for (const image of imagesOf(world, node)) {
      if (image.takenNs > last || !node.store.lose(image.label)) continue;
      world.event(now, node.name, image.process, "lost", image.label);
    }
  }
}

function imagesOf(world: World, node: NodeRecord) {
  return [...world.checkpoints.values()].flatMap(({ parts }) => parts)
    .filter((part) => part.node === node && part.takenNs !== undefined)
    .map(({ image, record, takenNs = 0 }) => (
      { label: image, process: record.name, takenNs }
    ));
}
