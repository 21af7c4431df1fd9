/** Crashes, and the way back from them. */
import type { Packet } from "../cluster/packet.ts";
import type { Body, MessageId } from "../cluster/facts.ts";
import { captureCosts } from "../cluster/board.ts";
import type { Image } from "../image/image.ts";
import { type Ahead, restartCycles } from "../image/restart_cost.ts";
import type { SavedLog } from "../image/sender_log_file.ts";
import { type CheckpointRecord, isDurable, type Part } from "./checkpoint_record.ts";
import { LabError, type Loss, type Victims } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import { labError } from "./lookup.ts";
import { loseLevels, readFrom } from "./levels.ts";
import { loseCopies } from "./peer_copies.ts";
import { goesBackAlone, placeAlone } from "./recovery_alone.ts";
import { rollbackOf } from "./rollback.ts";
import { forget } from "./storage.ts";
import type { World } from "./world.ts";

const NS = 1_000_000_000;

/** A process on its way back: from an image, or from its beginning. */
interface Return {
  readonly record: ProcessRecord;
  readonly part: Part | undefined;
}

/** What a world does about crashes. */
export class Recovery {
  constructor(private readonly world: World) {}

  /** Kills processes and the manager at this instant. */
  crash(records: readonly ProcessRecord[], { nodes, manager }: Victims, losing: Loss): void {
    const { world } = this;
    const lead = world.cluster.manager;
    if (manager && lead === undefined) {
      throw new LabError("there is no manager that could be crashed: no protocol has one");
    }
    const places = new Set([...nodes, ...records.map(({ node }) => node.name)]);
    this.countPhases(records);
    const torn = losing === "unsynced" && world.keeping.medium === "disk"
      ? [...places].map((name) => world.setup.node(name)).filter(({ profile }) =>
        profile.torn_writes
      )
        .map((node) => ({ node, files: node.store.leftovers }))
      : [];
    this.kill(records, "the process crashed");
    for (const record of records) {
      record.crashes++;
      const { node, name, plan: { rank } } = record;
      world.event(world.now, node.name, name, "crash", `${losing} is lost`);
      world.coordination?.disturb();
      world.coordination?.declared.left(rank, "the process crashed");
      const event = { event: "crashed", who: rank } as const;
      world.cluster.manager?.tell(world.now, event);
      for (const other of world.setup.processes) world.cluster.tellMember(other.rank, event);
    }
    const { medium, levels } = world.keeping;
    if (medium === "disk" && losing !== "nothing") {
      for (const place of places) this.loseDisk(world.setup.node(place), losing);
    }
    for (const { node, files } of torn) this.tear(node, files);
    if (medium === "peer") loseCopies(world, nodes);
    if (medium === "memory" && levels !== undefined) {
      loseLevels(world, { nodes, disks: places, losing });
    } else if (medium === "memory") {
      for (const place of nodes) world.setup.node(place).store.loseAll();
    }
    if (manager) {
      lead?.crash();
      world.event(world.now, "", "manager", "crash", "");
    }
    // A checkpoint that waited for one on the move waits no longer.
    world.coordination?.pump();
  }

  /** Counts crashes by what the processes were at. */
  private countPhases(records: readonly ProcessRecord[]): void {
    const { crashesIn, coordination } = this.world;
    for (const { status, phase } of records) {
      const steps = (status?.sessions ?? []).map(([, { step }]) => step);
      const saves = steps.length > 0 || coordination?.isBusy === true;
      for (const name of new Set([...saves ? ["checkpoint"] : [], ...steps, phase])) {
        if (name !== "") crashesIn.set(name, (crashesIn.get(name) ?? 0) + 1);
      }
    }
  }

  /** Of what was being written any part may have reached the disk; it is no image. */
  private tear(node: NodeRecord, files: ReadonlyMap<string, Uint8Array>): void {
    for (const [path, bytes] of files) {
      const left = this.world.choices.below("torn", node.name, bytes.length + 1);
      node.store.leave(path, bytes.slice(0, left));
    }
  }

  private loseDisk(node: NodeRecord, losing: "unsynced" | "disk"): void {
    for (const { rank, node: place } of this.world.setup.processes) {
      if (place === node && this.world.cluster.isHoused(rank)) {
        this.world.cluster.order({ ask: "diskLost", rank, losing });
      }
    }
    if (losing === "disk") node.store.loseAll();
    else node.store.loseUnsynced();
  }

  /** Ends lives; what they had under way is given up. */
  private kill(records: readonly ProcessRecord[], why: string): void {
    const { cluster } = this.world;
    for (const record of records) {
      const look = this.world.inspect(record);
      if (look === undefined) continue;
      record.pastCalls.push(look.calls);
      this.world.auditor.discarded(record.withheld);
      record.restartNs -= look.heldNs;
      if (record.isArriving) record.downtimeNs -= look.heldNs;
      cluster.order({ ask: "abandon", rank: record.rank, why });
      record.lose(this.world.now);
    }
    cluster.vacate(records.map(({ rank }) => rank), "crashed");
  }

  /** Brings processes back; with a protocol all of them to one line. */
  async restart(
    records: readonly ProcessRecord[],
    from: string | undefined,
    on: NodeRecord | undefined,
    orBeginning = false,
  ): Promise<void> {
    const { world } = this;
    const running = records.filter(({ alive }) => alive);
    const [alone] = running;
    if (alone !== undefined && running.length === records.length) {
      throw new LabError(`'${alone.name}' cannot be restarted: it ${alone.described}`);
    }
    this.mustBeWhole(records, from);
    const begun = this.isAlone
      ? goesBackAlone(world, records, from)
      : records.filter(({ condition }) => condition !== "waiting");
    const returns = orBeginning && !this.hasWay(begun, from)
      ? begun.map((record) => ({ record, part: undefined }))
      : this.returnsOf(begun, from);
    const [first] = begun.length > 0 ? begun : records;
    if (returns.length === 0 && first !== undefined) {
      throw new LabError(`'${first.name}' cannot be restarted: it ${first.described}`);
    }
    const images = returns.map(({ part }) => part && this.imageOf(part));
    const logs = returns.map(({ part }) => part && this.logOf(part));
    for (const { record, part } of returns) record.fallBack(rollbackOf(world, record, part));
    if (!this.isAlone) world.rolledBack += running.length;
    this.kill(
      returns.map(({ record }) => record).filter(({ condition }) => condition !== "crashed"),
      "it goes back to a checkpoint",
    );
    this.forget(returns);
    world.coordination?.reset("the processes go back to a checkpoint");
    this.sweep();
    await this.bringBack(returns, images, logs, on);
  }

  /** Only who has failed goes back. */
  private get isAlone(): boolean {
    return this.world.coordination?.protocol.recovery === "alone";
  }

  /** There is a checkpoint to go back to for each of them. */
  private hasWay(records: readonly ProcessRecord[], from: string | undefined): boolean {
    const { world } = this;
    const recovery = world.coordination?.protocol.recovery;
    if (from !== undefined) return world.committed.includes(from);
    if (recovery === "line") return this.line !== undefined;
    const saved = [...world.checkpoints.values()].flatMap(({ parts }) => parts).filter(isDurable);
    return recovery === "search" || recovery === "alone" ||
      records.every((record) => saved.some((part) => part.record === record));
  }

  /** A protocol that takes all back to one line cannot take back some. */
  private mustBeWhole(records: readonly ProcessRecord[], from: string | undefined): void {
    const { world } = this;
    const protocol = world.coordination?.protocol;
    if (protocol?.recovery !== "line") return;
    const line = from === undefined ? this.line : world.checkpoints.get(from);
    const parts = line === undefined ? [] : world.partsOf(line);
    // Who has ended since the line has read what is sent again, and sends nothing again by itself.
    const goesBack = (record: ProcessRecord) =>
      record.condition !== "waiting" &&
      (!record.exited || parts.some((part) => part.record === record) ||
        hasBegunSince(record, parts));
    const left = world.setup.processes.find((record) =>
      goesBack(record) && !records.includes(record)
    );
    if (left === undefined) return;
    const how = left.exited ? "has ended since and is" : `${left.described} and`;
    throw new LabError(
      `with '${protocol.name}' all processes go back to the same checkpoint, but '${left.name}' ` +
        `${how} not among those named; write 'restart all'`,
    );
  }

  /** Where each goes back to; who had ended before the line stays as it is. */
  private returnsOf(
    records: readonly ProcessRecord[],
    from: string | undefined,
  ): readonly Return[] {
    const { world } = this;
    const coordinated = world.coordination?.protocol.recovery;
    if (this.isAlone) return records.map((record) => ({ record, part: placeAlone(world, record) }));
    if (from !== undefined) {
      const checkpoint = world.checkpoints.get(from);
      const parts = checkpoint && world.isCommitted(checkpoint) ? world.partsOf(checkpoint) : [];
      return this.returnsTo(records, parts, `'${from}' is not a checkpoint`, checkpoint);
    }
    if (coordinated === "line") return this.newestLine(records);
    if (coordinated === "search") return this.search(records);
    return records.map((record) => {
      const candidates = [...world.checkpoints.values()].flatMap(({ parts }) => parts)
        .filter((part) => part.record === record && isDurable(part));
      return { record, part: candidates.at(-1) ?? this.noPart(record, "no checkpoint") };
    });
  }

  /** The newest global checkpoint that is whole. */
  private get line(): CheckpointRecord | undefined {
    const { world } = this;
    return world.committed.flatMap((label) => world.checkpoints.get(label) ?? [])
      .findLast(({ coordinated }) => coordinated !== undefined);
  }

  private newestLine(records: readonly ProcessRecord[]): readonly Return[] {
    const { world, line: newest } = this;
    return this.returnsTo(
      records,
      newest === undefined ? [] : world.partsOf(newest),
      "no checkpoint",
      newest,
    );
  }

  private returnsTo(
    records: readonly ProcessRecord[],
    parts: readonly Part[],
    what: string,
    checkpoint: CheckpointRecord | undefined,
  ): readonly Return[] {
    return records.flatMap((record): readonly Return[] => {
      const part = parts.find((each) => each.record === record);
      if (part !== undefined) return [{ record, part }];
      if (parts.length === 0) return [{ record, part: this.noPart(record, what) }];
      // It has begun since, and perhaps ended; or it had ended before the line.
      if (hasBegunSince(record, parts)) return [{ record, part: undefined }];
      if (record.exited) return [];
      if (checkpoint?.coordinated === undefined) {
        return [{ record, part: this.noPart(record, what) }];
      }
      return [{ record, part: undefined }];
    });
  }

  /** Each to a checkpoint of its own that fits the others': the domino effect decides how far. */
  private search(records: readonly ProcessRecord[]): readonly Return[] {
    const { world } = this;
    const candidates = records.map((record) => ({
      process: record.rank,
      labels: [...world.checkpoints.values()].flatMap(({ label, parts }) =>
        // What a restart has undone does not fit what has happened since.
        parts.some((part) =>
            part.record === record && isDurable(part) &&
            !world.auditor.isUndone(label, record.rank)
          )
          ? [label]
          : []
      ).reverse(),
    }));
    const line = world.auditor.recoveryLine(candidates);
    return records.map((record) => {
      const label = line.find(({ process }) => process === record.rank)?.label;
      const checkpoint = label === undefined ? undefined : world.checkpoints.get(label);
      return { record, part: checkpoint?.parts.find((part) => part.record === record) };
    });
  }

  private noPart(record: ProcessRecord, which: string): never {
    // What is there and damaged says itself what is wrong with it.
    const { checkpoints } = this.world;
    const parts = [...checkpoints.values()].flatMap(({ parts }) => parts);
    const damaged = parts.findLast(({ record: of, node, image }) =>
      of === record && node.store.labels().includes(image) && !node.holds(image)
    );
    if (damaged !== undefined) this.imageOf(damaged);
    const committed = this.world.committed.join(", ") || "none";
    throw new LabError(
      `'${record.name}' cannot be restarted: ${which} of it that was committed; ` +
        `committed: ${committed}`,
    );
  }

  private imageOf({ node, image }: Part): Image {
    return labError(() => node.store.read(image));
  }

  private logOf({ node, image, log }: Part): SavedLog | undefined {
    return log && labError(() => node.store.readLog(image));
  }

  /** What a process that goes on writes now; its own store does it, and a node's store follows. */
  private imagesUnderWay(record: ProcessRecord): readonly string[] {
    const { checkpoints } = this.world;
    if (!record.alive) return [];
    return (record.status?.sessions ?? []).flatMap(([label]) =>
      checkpoints.get(label)?.parts.find((part) => part.record === record)?.image ?? []
    );
  }

  /** Images of global checkpoints that came to nothing, or of which a part is lost, are no use. */
  private sweep(): void {
    const { world } = this;
    const underWay = new Set(
      world.setup.processes.flatMap((record) => this.imagesUnderWay(record)),
    );
    for (const { profile, store } of world.setup.nodes.values()) {
      if (profile.torn_writes) store.sweep(underWay);
    }
    for (const checkpoint of world.checkpoints.values()) {
      if (checkpoint.coordinated === undefined || world.isCommitted(checkpoint)) continue;
      for (const { node, image } of checkpoint.parts) {
        if (node.store.labels().includes(image)) forget(world, node, image);
      }
    }
  }

  /** A restart opens new channels: what was on its way to or from these is gone. */
  private forget(returns: readonly Return[]): void {
    const { cluster, auditor } = this.world;
    const gone = new Set<unknown>(returns.map(({ record }) => record.rank));
    const packets = cluster.discard(({ from, to }) => gone.has(from) || gone.has(to));
    auditor.discarded(packets.flatMap(messagesOf));
  }

  private async bringBack(
    returns: readonly Return[],
    images: readonly (Image | undefined)[],
    logs: readonly (SavedLog | undefined)[],
    on: NodeRecord | undefined,
  ): Promise<void> {
    const { world } = this;
    const back = returns.map(({ record, part }, index) => {
      const image = images[index], log = logs[index], node = on ?? record.node;
      record.begin(node);
      const held = image && part ? heldNs(part, image, node) : 0;
      return { record, part, node, image, log, heldNs: held };
    });
    const members = back.map(({ record }) => record.rank);
    world.coordination?.begin(members);
    world.auditor.restarted(
      back.map(({ record, part }) => ({ process: record.rank, label: labelOf(world, part) })),
      world.now,
    );
    await world.lives.openAll(
      back.map(({ record, node, image, log, heldNs }) =>
        world.lives.planOf(record, node, image && resumptionOf(image, heldNs, log))
      ),
    );
    for (const { record, part, node, heldNs } of back) {
      record.goBack(part?.point);
      record.restartNs += heldNs;
      // What crossed the line stands in the receive buffer, behind what the image has there.
      for (const id of part?.channels?.messages ?? []) world.auditor.arrived(id, world.now);
      const label = labelOf(world, part);
      if (label !== undefined) world.restores.set(label, (world.restores.get(label) ?? 0) + 1);
      world.event(world.now, node.name, record.name, "restart", part?.image ?? "the beginning");
    }
    for (const { record, part } of back) {
      const { rank } = record;
      // What their receivers do not have now is on the network again.
      const messages = part?.log?.messages.filter((id) => !world.auditor.hasArrived(id)) ?? [];
      if (messages.length > 0) world.cluster.order({ ask: "sendAgain", rank, messages });
      if (!this.isAlone) continue;
      record.isRecovering = true;
      world.cluster.tellMember(rank, { event: "recovering" });
    }
  }
}

/** It began after all of these were saved. */
const hasBegunSince = ({ plan }: ProcessRecord, parts: readonly Part[]): boolean =>
  parts.length > 0 && plan.startsAt > Math.max(...parts.map(({ takenNs }) => takenNs ?? 0));

/** The label of the checkpoint a part belongs to. */
function labelOf({ checkpoints }: World, part: Part | undefined): string | undefined {
  if (part === undefined) return undefined;
  return [...checkpoints.values()].find(({ parts }) => parts.includes(part))?.label;
}

/** ns a restart of this part takes on a node. */
export function heldNs(part: Part, image: Image, node: NodeRecord, ahead?: Ahead): number {
  const profile = { ...node.profile, ...readFrom(part, node) };
  const [own = 0, ...parents] = part.figures?.reads ?? [];
  const reads = [own + (part.channels?.bytes ?? 0) + (part.log?.bytes ?? 0), ...parents];
  return restartCycles(image, reads, captureCosts(profile), ahead) * NS / profile.clock;
}

/** What a domain needs to go on from an image. */
export function resumptionOf(image: Image, held: number, log?: SavedLog) {
  const { input, pending } = image.manifest.process.files.console;
  return { image, inputRead: input + pending.length, heldNs: held, ...log && { log } };
}

/** The application message a packet carries, if it does. */
export const messagesOf = ({ from, to, body }: Packet<Body>): readonly MessageId[] =>
  body.kind === "user" && from !== "manager" && to !== "manager"
    ? [{ from, to, sequence: body.sequence }]
    : [];
