/** What the facts of a domain mean to the world. */
import { Digest } from "../base/digest.ts";
import type { Fact, UserMessage } from "../cluster/facts.ts";
import type { DiskOperation } from "../image/disk_operation.ts";
import { keyOf } from "../image/page_pool.ts";
import { BINS } from "../image/account.ts";
import { StrategyError } from "../image/capture_order.ts";
import type { Part } from "./checkpoint_record.ts";
import { grantForced } from "./forced_checkpoint.ts";
import { LabError } from "./lab.ts";
import { declareLine, noteHeard } from "./permanent.ts";
import type { ProcessRecord } from "./process_record.ts";
import { forget, pinsOn, settle } from "./storage.ts";
import type { World } from "./world.ts";

/** Takes in one fact of a process. */
export function hear(world: World, record: ProcessRecord, fact: Fact): void {
  const { name, node } = record;
  const event = (kind: string, text: string) => world.event(fact.at, node.name, name, kind, text);
  world.options.onFact?.(record.rank, fact);
  switch (fact.fact) {
    case "event":
      return event(fact.kind, fact.text);
    case "output":
      return record.write(fact.bytes);
    case "sent":
      return sent(world, record, fact);
    case "arrived":
      record.noLongerWithheld(fact.id);
      world.trace.count(fact.at, name, "arrived", fact.id.from, fact.id.sequence);
      return world.auditor.arrived(fact.id, fact.at);
    case "withheld":
      record.withheld = [...record.withheld, fact.id];
      world.trace.count(fact.at, name, "withheld", fact.id.from, fact.id.sequence);
      return world.coordination?.withheld();
    case "logged":
      return logged(world, record, fact);
    case "repeated":
      record.noLongerWithheld(fact.id);
      if (world.coordination !== undefined) world.coordination.repeated++;
      world.trace.count(fact.at, name, "repeated", fact.id.from, fact.id.sequence);
      return world.auditor.repeated(fact.id);
    case "recovered":
      record.isRecovering = false;
      return event("recovered", "");
    case "kept":
      return kept(world, record, fact);
    case "keptSafe":
      return keptSafe(world, record, fact);
    case "unasked":
      return grantForced(world, record, fact.at);
    case "behind":
      // The network has it again.
      return;
    case "delivered":
      record.messagesReceived++;
      record.messages.add("delivered", fact.id.from, fact.id.sequence);
      world.trace.count(fact.at, name, "delivered", fact.id.from, fact.id.sequence);
      return world.auditor.delivered(fact.id, fact.at);
    case "value":
      return void record.values.set(fact.name, fact.value);
    case "cut":
      return cut(world, record, fact);
    case "disk":
      return disk(record, fact.operation);
    case "over":
      return over(world, record, fact);
    case "incomplete":
      return incomplete(world, record, fact);
    case "discarded":
      return discarded(world, record, fact.label);
    case "phase":
      record.phase = fact.phase;
      return event("phase", fact.phase);
    case "aborted":
      world.coordination?.declared.aborted(record.rank, fact.why);
      return event("aborted", fact.why);
    case "done":
      event("done", fact.members.join(" "));
      return declareLine(world, record, fact.members, fact.at);
    case "leaving":
      // It may cost messages that belong to no checkpoint.
      record.isLeaving = true;
      return world.coordination?.disturb();
    case "ended":
      return ended(world, record, fact);
    case "terminate":
      event("terminate", `exit ${fact.code}`);
      return world.cluster.terminate(fact.at + world.cluster.network.lookahead, fact.code);
    case "failure":
      throw fact.by === "strategy" ? new StrategyError(fact.message) : new LabError(fact.message);
  }
}

type FactOf<Kind extends Fact["fact"]> = Extract<Fact, { readonly fact: Kind }>;

function sent(world: World, record: ProcessRecord, fact: FactOf<"sent">): void {
  const { at, to, bytes, body } = fact;
  if (body.kind === "control") {
    world.coordination?.count(body.message, bytes);
    world.event(at, record.node.name, record.name, "control", `${body.message.kind} to ${to}`);
  } else if (to !== "manager" && fact.again === true) {
    if (world.coordination !== undefined) world.coordination.sentAgain++;
    world.event(at, record.node.name, record.name, "again", `${body.sequence} to ${to}`);
  } else if (to !== "manager") {
    record.messagesSent++;
    record.messages.add("sent", to, body.sequence);
    world.trace.count(at, record.name, "sent", body.sequence, to);
    world.auditor.sent(
      { from: record.rank, to, sequence: body.sequence },
      at,
      contentOf(world, body),
    );
    if (fact.piggybackBytes !== undefined) world.coordination?.piggybacked(fact.piggybackBytes);
  }
}

/** What tells apart messages of one number; only where processes go back alone may they differ. */
function contentOf(world: World, { tag, bytes }: UserMessage): string | undefined {
  if (world.coordination?.protocol.recovery !== "alone") return undefined;
  return new Digest().add(tag, bytes).hex;
}

/** The disk of its node changes; a page kept by content stays until the image it belongs to is over. */
function disk({ node, lent }: ProcessRecord, operation: DiskOperation): void {
  const key = operation.action === "rename" ? keyOf(operation.to) : undefined;
  if (key !== undefined) lent.add(key);
  node.store.follow(operation);
}

/** The part of a checkpoint that is this process's. */
function partOf(world: World, record: ProcessRecord, label: string): Part | undefined {
  const checkpoint = world.checkpoints.get(label);
  return checkpoint?.parts.find((part) => part.record === record);
}

function cut(world: World, record: ProcessRecord, fact: FactOf<"cut">): void {
  const { at, label, inbox, sent, usedNs } = fact;
  world.saved(record, label);
  const part = partOf(world, record, label);
  if (part === undefined) return;
  part.takenNs = at;
  part.point = record.point(usedNs);
  world.auditor.cut(label, record.rank, { inbox, sent: new Map(sent) }, at);
  noteHeard(world, record, label, part);
}

/** What crosses the line is durable beside the image. */
function logged(world: World, record: ProcessRecord, fact: FactOf<"logged">): void {
  const { at, label, messages, bytes } = fact;
  const part = partOf(world, record, label);
  if (part === undefined) return;
  part.channels = { messages, bytes };
  world.auditor.logged(label, record.rank, messages);
  const text = `${label} ${messages.length} messages, ${bytes} bytes`;
  world.event(at, record.node.name, record.name, "channels", text);
}

/** What the sender's log keeps at t0 belongs to the checkpoint. */
function kept(world: World, record: ProcessRecord, { label, messages }: FactOf<"kept">): void {
  const part = partOf(world, record, label);
  if (part === undefined) return;
  const ids = messages.map(({ to, sequence }) => ({ from: record.rank, to, sequence }));
  part.log = { messages: ids, bytes: 0 };
  world.auditor.kept(label, record.rank, messages);
}

/** Its part came to nothing by itself, which a manager cannot know. */
function failed(world: World, record: ProcessRecord, label: string, why: string): void {
  const coordinated = world.checkpoints.get(label)?.coordinated;
  if (coordinated !== undefined) coordinated.failed ??= `process ${record.rank}: ${why}`;
}

function incomplete(world: World, record: ProcessRecord, fact: FactOf<"incomplete">): void {
  const part = partOf(world, record, fact.label);
  if (part !== undefined) part.incomplete = fact.why;
  failed(world, record, fact.label, fact.why);
}

/** Nobody declares anything of it. */
const isOwn = ({ checkpoints }: World, label: string, { tentative }: Part): boolean =>
  checkpoints.get(label)?.coordinated === undefined && tentative !== true;

/** What the sender's log kept at t0 is durable beside the image. */
function keptSafe(world: World, record: ProcessRecord, fact: FactOf<"keptSafe">): void {
  const { at, label, bytes } = fact;
  const part = partOf(world, record, label);
  if (part?.log === undefined) return;
  const { log } = part;
  log.bytes = bytes;
  if (world.coordination !== undefined) world.coordination.logBytes += bytes;
  const text = `${label} ${log.messages.length} messages, ${bytes} bytes`;
  world.event(at, record.node.name, record.name, "log", text);
  if (isOwn(world, label, part)) settle(world, [part], at);
}

function over(world: World, record: ProcessRecord, fact: FactOf<"over">): void {
  const { label, figures, areas, at } = fact;
  const part = partOf(world, record, label);
  if (part !== undefined) [part.figures, part.areas] = [figures, areas];
  if (fact.failed) failed(world, record, label, figures.why);
  record.downtimeNs += figures.downtime * 1_000_000_000 / record.node.profile.clock;
  const { counts, preCopied, state, why, bins } = figures;
  const text = state === "committed"
    ? `${counts.imageBytes} bytes ${counts.controlMessages} messages`
    : why;
  world.event(at, record.node.name, record.name, state, `${label} ${text}`);
  const kinds = Object.keys(BINS) as (keyof typeof BINS)[];
  world.trace.count(
    at,
    record.name,
    figures.maxPause,
    ...kinds.map((bin) => bins[bin]),
    ...Object.values(counts),
    ...Object.values(preCopied ?? {}),
  );
  const { tip, node } = record;
  if (state === "committed") record.tip = counts.chain === undefined ? undefined : part?.image;
  record.lent = new Set();
  // What it no longer builds on, and what an image that came to nothing has left.
  const leaves = tip !== record.tip || state !== "committed" && world.keeping.byContent === true;
  if (leaves) node.store.collect(pinsOn(world, node));
  // What has a log is whole when that is durable, too.
  const isWhole = part !== undefined && part.log === undefined && isOwn(world, label, part);
  if (state === "committed") settle(world, isWhole ? [part] : [], at);
  world.migrated(record, label, figures);
}

/** Its image is not part of any global checkpoint. */
function discarded(world: World, record: ProcessRecord, label: string): void {
  const part = partOf(world, record, label);
  if (part === undefined) return;
  const { node, image } = part;
  if (node.holds(image)) forget(world, node, image);
}

function ended(world: World, record: ProcessRecord, fact: FactOf<"ended">): void {
  const { at, ending } = fact;
  record.ending = ending;
  record.withheld = [];
  record.endedNs = at;
  record.condition = "ended";
  const how = ending.signal === "" ? `exit ${ending.exitCode}` : ending.signal;
  world.event(at, record.node.name, record.name, "end", `${how} ${ending.state}`);
  world.auditor.ended(record.rank, at);
  world.coordination?.disturb();
  world.coordination?.declared.left(record.rank, `process ${record.rank} has ended`);
}
