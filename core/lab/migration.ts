/**
 * A process moves: it stands still, is saved, and goes on elsewhere under its rank. What arrives
 * meanwhile waits for it; the others go on.
 */
import type { SessionFigures } from "../image/figures.ts";
import type { Part } from "./checkpoint_record.ts";
import { LabError, type Strategy } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import { heldNs, resumptionOf } from "./recovery.ts";
import { labError } from "./lookup.ts";
import type { World } from "./world.ts";

const NS = 1_000_000_000;

interface Move {
  readonly record: ProcessRecord;
  readonly target: NodeRecord;
  readonly part: Part;
  readonly label: string;
  /** Its image is durable, or there is none. */
  isOver: boolean;
}

/** The moves under way in a world. */
export class Migrations {
  private moves: Move[] = [];
  private count = 0;

  constructor(private readonly world: World) {}

  /** The process stands still from now on. */
  begin(record: ProcessRecord, target: NodeRecord, using: Strategy): void {
    const { world } = this;
    if (world.coordination?.isBusy === true) {
      throw new LabError(
        `'${record.name}' cannot be migrated: a global checkpoint is under way; wait until it is ` +
          "committed",
      );
    }
    const strategy = world.options.registry.checkpointer(using.name);
    if (strategy?.supports?.migration === false) {
      throw new LabError(
        `'${record.name}' cannot be migrated by '${using.name}', which says that it does not ` +
          "support migration",
      );
    }
    const label = `migration ${++this.count}`;
    const { node, rank, name } = record;
    const image = `${label}.${name}`;
    const part: Part = {
      record,
      node,
      image,
      figures: undefined,
      areas: [],
      takenNs: undefined,
      point: undefined,
    };
    // A move that a restart cut short is nobody's any more.
    this.moves = this.moves.filter((each) => each.record !== record);
    this.moves.push({ record, target, part, label, isOver: false });
    record.condition = "moving";
    world.cluster.park(rank);
    world.event(world.now, node.name, name, "migrate", `to ${target.name}`);
    world.cluster.order({ ask: "pause", rank });
    const order = { label, image, using, alone: true };
    world.cluster.order({ ask: "checkpoint", rank, order });
  }

  /** A checkpoint is over: perhaps that of a move. */
  over(record: ProcessRecord, label: string, figures: SessionFigures): void {
    const move = this.moves.find((each) => each.record === record && each.label === label);
    if (move === undefined) return;
    move.part.figures = figures;
    move.isOver = true;
  }

  /** Between two rounds: those whose image is durable go on elsewhere. */
  async goOn(): Promise<void> {
    const over = this.moves.filter(({ isOver }) => isOver);
    if (over.length === 0) return;
    this.moves = this.moves.filter(({ isOver }) => !isOver);
    for (const move of over) await this.finish(move);
  }

  private async finish({ record, target, part }: Move): Promise<void> {
    const { world } = this;
    const { rank, name, node } = record;
    // It crashed while it was saved.
    if (record.condition !== "moving") return;
    if (part.figures?.state !== "committed") {
      record.condition = "running";
      if (!record.isPaused) world.cluster.order({ ask: "resume", rank });
      world.cluster.unpark(rank);
      throw new LabError(`'${name}' could not be migrated: ${part.figures?.why ?? "no image"}`);
    }
    const image = labError(() => node.store.read(part.image));
    const look = world.inspect(record);
    const bytes = part.figures.counts.imageBytes;
    const held = bytes * NS / target.profile.disk + heldNs(part, image, target);
    record.move(target);
    world.cluster.vacate([rank], "absent");
    if (look !== undefined) record.pastCalls.push(look.calls);
    record.restartNs += held;
    const plan = world.lives.planOf(record, target, resumptionOf(image, held));
    const standing = look?.member;
    await world.lives.openAll([
      plan.protocol === undefined || standing === undefined
        ? plan
        : { ...plan, protocol: { ...plan.protocol, standing } },
    ]);
    if (record.isPaused) world.cluster.order({ ask: "pause", rank });
    node.store.remove(part.image);
    world.event(world.cluster.now, target.name, name, "migrated", `from ${node.name}`);
    world.coordination?.pump();
  }
}
