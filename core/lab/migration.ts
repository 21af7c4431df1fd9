/**
 * A process moves: it is saved, stands still from t0 on, and goes on elsewhere under its rank. How
 * long it runs before t0 is for the checkpointer to say. What arrives after t0 is sent after it, but
 * where a protocol takes part in moves: that says when the process is saved, and what comes to the
 * place it has left is refused.
 */
import type { SessionFigures } from "../image/figures.ts";
import { PAGE_BYTES } from "../image/image.ts";
import type { Part } from "./checkpoint_record.ts";
import { LabError, type Strategy } from "./lab.ts";
import type { NodeRecord } from "./node_record.ts";
import type { ProcessRecord } from "./process_record.ts";
import { heldNs, resumptionOf } from "./recovery.ts";
import { labError } from "./lookup.ts";
import { forget } from "./storage.ts";
import type { World } from "./world.ts";

const NS = 1_000_000_000;

interface Move {
  readonly record: ProcessRecord;
  readonly target: NodeRecord;
  readonly part: Part;
  readonly label: string;
  /** Its image is durable, or there is none. */
  isOver: boolean;
  /** Its protocol takes part, which numbers its places. */
  readonly byProtocol: boolean;
  /** It has left its place. */
  hasLeft: boolean;
  /** Why its protocol would not. */
  refusal?: string;
}

/** The moves under way in a world. */
export class Migrations {
  private moves: Move[] = [];
  private count = 0;

  constructor(private readonly world: World) {}

  /** Begins to save the process. */
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
    const { coordination } = world;
    const byProtocol = coordination?.moves.areIts === true;
    this.moves.push({ record, target, part, label, isOver: false, byProtocol, hasLeft: false });
    record.condition = "moving";
    world.event(world.now, node.name, name, "migrate", `to ${target.name}`);
    const order = { label, image, using, alone: true, moving: true, ...record.lend() };
    world.cluster.order({ ask: byProtocol ? "announce" : "checkpoint", rank, order });
    if (byProtocol) coordination?.move(rank);
  }

  /** Its state is saved: if it is that of a move, what arrives from now on waits for it. */
  saved(record: ProcessRecord, label: string): void {
    const move = this.moveOf(record, label), { cluster } = this.world, { rank } = record;
    if (move === undefined) return;
    cluster.park(rank);
    move.hasLeft = true;
    if (move.byProtocol) cluster.settle(rank, cluster.placeOf(rank) + 1);
  }

  private moveOf(record: ProcessRecord, label: string): Move | undefined {
    return this.moves.find((each) => each.record === record && each.label === label);
  }

  /** A checkpoint is over: perhaps that of a move. */
  over(record: ProcessRecord, label: string, figures: SessionFigures): void {
    const move = this.moveOf(record, label);
    if (move === undefined) return;
    move.part.figures = figures;
    move.isOver = true;
  }

  /** Between two rounds: those whose image is durable go on elsewhere. */
  async goOn(): Promise<void> {
    if (this.moves.length === 0) return;
    for (const { who, why } of this.world.coordination?.moves.takeRefusals() ?? []) {
      const move = this.moves.find(({ record }) => record.rank === who);
      if (move !== undefined) [move.isOver, move.refusal] = [true, why];
    }
    // Who crashed or came to its end while it was saved waits for no image.
    const isOver = (move: Move) => move.isOver || move.record.condition !== "moving";
    const over = this.moves.filter(isOver);
    this.moves = this.moves.filter((move) => !isOver(move));
    const mistakes: unknown[] = [];
    for (const move of over) {
      try {
        await this.finish(move);
      } catch (mistake) {
        mistakes.push(mistake);
      }
    }
    if (mistakes.length > 0) throw mistakes[0];
  }

  private async finish(move: Move): Promise<void> {
    const { world } = this, { record, target, part, byProtocol, refusal } = move;
    const { rank, name, node } = record;
    if (record.condition !== "moving") {
      if (part.node.holds(part.image)) forget(world, part.node, part.image);
      return world.coordination?.pump();
    }
    if (part.figures?.state !== "committed") {
      record.condition = "running";
      if (!record.isPaused) world.cluster.order({ ask: "resume", rank });
      if (byProtocol && move.hasLeft) world.cluster.settle(rank, world.cluster.placeOf(rank) - 1);
      world.cluster.unpark(rank);
      if (byProtocol && refusal === undefined) this.tellMoved(rank);
      // Its protocol had let it go already: it is as if it had come to its end meanwhile.
      if (refusal !== undefined && record.isLeaving) return world.coordination?.pump();
      const why = refusal ?? part.figures?.why ?? "no image";
      throw new LabError(`'${name}' could not be migrated: ${why}`);
    }
    const image = labError(() => node.store.read(part.image));
    const look = world.inspect(record);
    const { reads, preCopied } = part.figures;
    // An image that builds on others goes with what it needs of them.
    const imageBytes = reads.reduce((sum, each) => sum + each, 0);
    // What was sent before t0 is there.
    const pages = preCopied?.ahead ?? 0;
    const bytes = Math.min(imageBytes, pages * PAGE_BYTES);
    const held = (imageBytes - bytes) * NS / target.profile.disk +
      heldNs(part, image, target, { pages, bytes });
    record.move(target);
    world.cluster.vacate([rank], "absent");
    if (look !== undefined) record.pastCalls.push(look.calls);
    record.restartNs += held;
    record.downtimeNs += held + world.cluster.now - committedNs(part);
    record.forwarded += world.cluster.waitingFor(rank);
    const plan = world.lives.planOf(record, target, resumptionOf(image, held));
    const standing = look?.member;
    await world.lives.openAll([
      plan.protocol === undefined || standing === undefined
        ? plan
        : { ...plan, protocol: { ...plan.protocol, standing } },
    ]);
    if (record.isPaused) world.cluster.order({ ask: "pause", rank });
    // It tells the others when it runs, and not while its image is being read.
    if (byProtocol) this.tellMoved(rank, held);
    forget(world, node, part.image);
    world.event(world.cluster.now, target.name, name, "migrated", `from ${node.name}`);
    world.coordination?.pump();
  }

  private tellMoved(rank: number, later = 0): void {
    const { cluster } = this.world;
    cluster.tellMember(rank, { event: "moved", place: cluster.placeOf(rank) }, later);
  }
}

/** When its image was durable, in ns. */
const committedNs = ({ figures, node }: Part): number =>
  (figures?.committedAt ?? 0) * NS / node.profile.clock;
