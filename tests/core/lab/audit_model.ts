/**
 * A little message system that keeps everything as plain lists, drives an auditor with what happens
 * in it, and answers the same questions by looking at all lists.
 */
import { Auditor } from "../../../core/lab/auditor.ts";
import type { MessageId } from "../../../core/cluster/facts.ts";

export const COUNT = 3;
export const PROCESSES = [0, 1, 2];

/** Something to do; numbers choose among what is possible. */
export type Step =
  | { readonly do: "send"; readonly from: number; readonly to: number }
  | { readonly do: "arrive" | "double" | "drop"; readonly which: number }
  | { readonly do: "read"; readonly who: number; readonly which: number }
  | {
    readonly do: "cut";
    readonly who: number;
    readonly label: string;
    /** What is wrong with the image. */
    readonly fault: "none" | "forgets" | "invents" | "repeats" | "miscounts";
  }
  | { readonly do: "log"; readonly label: string; readonly who: number }
  /** The sender's log of a checkpoint keeps one message in two, or two in three. */
  | { readonly do: "keep"; readonly label: string; readonly who: number; readonly which: number }
  | { readonly do: "restart"; readonly whos: readonly number[]; readonly label: string }
  | { readonly do: "end"; readonly who: number };

/** A message on its way: the events its sending depends on go with it. */
interface Flying {
  readonly message: MessageId;
  readonly past: ReadonlySet<string>;
}

export interface ModelCut {
  readonly who: number;
  readonly sent: readonly MessageId[];
  readonly arrived: readonly MessageId[];
  readonly read: readonly MessageId[];
  readonly inbox: readonly Flying[];
  readonly log: Flying[];
  readonly kept: MessageId[];
  readonly past: ReadonlySet<string>;
  readonly wrong: boolean;
}

class ModelProcess {
  sent: MessageId[] = [];
  arrived: MessageId[] = [];
  read: MessageId[] = [];
  inbox: Flying[] = [];
  past = new Set<string>();
  ended = false;
}

export const key = ({ from, to, sequence }: MessageId): string => `${from}->${to}#${sequence}`;

const pick = <Item>(items: readonly Item[], which: number): Item | undefined =>
  items[which % items.length];

const without = <Item>(items: readonly Item[], gone: Item): Item[] => {
  const place = items.indexOf(gone);
  return items.filter((_, i) => i !== place);
};

/** The system, and the auditor that is told of it. */
export class Model {
  readonly auditor: Auditor;
  readonly processes = PROCESSES.map(() => new ModelProcess());
  flying: Flying[] = [];
  readonly cuts = new Map<string, Map<number, ModelCut>>();
  /** Nobody was ever taken back to a cut. */
  restarted = false;
  discarded = 0;
  private events = 0;
  private at = 0;

  constructor(vectorClocks = true) {
    this.auditor = new Auditor({ count: COUNT, vectorClocks });
  }

  /** Does it, if it is possible. */
  step(step: Step): void {
    this.at += 10;
    switch (step.do) {
      case "send":
        return this.send(step.from, step.to);
      case "arrive":
      case "double":
      case "drop":
        return this.fly(pick(this.flying, step.which), step.do);
      case "read":
        return this.read(step.who, step.which);
      case "cut":
        return this.cut(step);
      case "log":
        return this.log(step.label, step.who);
      case "keep":
        return this.keep(step.label, step.who, step.which);
      case "restart":
        return this.restart(step.whos, step.label);
      case "end":
        return this.end(step.who);
    }
  }

  cutOf(label: string, who: number): ModelCut | undefined {
    return this.cuts.get(label)?.get(who);
  }

  private process(who: number): ModelProcess {
    return this.processes[who] as ModelProcess;
  }

  private event(who: number): void {
    this.process(who).past.add(`${who} ${this.events++}`);
  }

  private send(from: number, to: number): void {
    const sender = this.process(from);
    if (sender.ended || from === to) return;
    const sequence = sender.sent.filter((sent) => sent.to === to).length;
    const message = { from, to, sequence };
    this.event(from);
    sender.sent.push(message);
    this.flying.push({ message, past: new Set(sender.past) });
    this.auditor.sent(message, this.at);
  }

  private fly(flying: Flying | undefined, how: "arrive" | "double" | "drop"): void {
    if (flying === undefined) return;
    if (how !== "double") this.flying = without(this.flying, flying);
    const { message, past } = flying, receiver = this.process(message.to);
    if (how === "drop" || receiver.ended) return;
    this.event(message.to);
    receiver.arrived.push(message);
    receiver.inbox.push(flying);
    for (const event of past) receiver.past.add(event);
    this.auditor.arrived(message, this.at);
  }

  private read(who: number, which: number): void {
    const reader = this.process(who), flying = pick(reader.inbox, which);
    if (reader.ended || flying === undefined) return;
    this.event(who);
    reader.inbox = without(reader.inbox, flying);
    reader.read.push(flying.message);
    this.auditor.delivered(flying.message, this.at);
  }

  private cut({ who, label, fault }: Step & { do: "cut" }): void {
    const { ended, sent, arrived, read, inbox, past } = this.process(who);
    if (ended) return;
    this.event(who);
    const [first] = inbox, [lastRead] = read;
    const image = fault === "forgets"
      ? inbox.slice(1)
      : fault === "repeats" && first !== undefined
      ? [...inbox, first]
      : fault === "invents" && lastRead !== undefined
      ? [...inbox, { message: lastRead, past: new Set<string>() }]
      : [...inbox];
    const count = (to: number) => sent.filter((message) => message.to === to).length;
    const said = PROCESSES.filter((to) => to !== who).map((to) => [to, count(to)] as const);
    const wrong = fault === "miscounts";
    this.auditor.cut(label, who, {
      inbox: image.map(({ message: { from, sequence } }) => ({ from, sequence })),
      sent: said.map(([to, count]) => [to, wrong ? count + 1 : count] as const)
        .filter(([, count]) => count > 0),
    }, this.at);
    let ofLabel = this.cuts.get(label);
    if (ofLabel === undefined) this.cuts.set(label, ofLabel = new Map());
    ofLabel.set(who, {
      who,
      sent: [...sent],
      arrived: [...arrived],
      read: [...read],
      inbox: image,
      log: [],
      kept: [],
      past: new Set(past),
      wrong,
    });
  }

  /** All that is now on its way to a process is logged for a label. */
  private log(label: string, who: number): void {
    const cut = this.cutOf(label, who);
    if (cut === undefined) return;
    const logged = this.flying.filter(({ message }) => message.to === who);
    cut.log.push(...logged);
    this.auditor.logged(label, who, logged.map(({ message }) => message));
  }

  private keep(label: string, who: number, which: number): void {
    const cut = this.cutOf(label, who);
    if (cut === undefined || cut.kept.length > 0) return;
    cut.kept.push(...cut.sent.filter((_, i) => (i + which) % (2 + which % 2) > 0));
    this.auditor.kept(label, who, cut.kept);
  }

  /** All of them that have such a checkpoint go back; channels to and from them open anew. */
  private restart(whos: readonly number[], label: string): void {
    const parts = whos.filter((who) => label === "" || this.cutOf(label, who) !== undefined);
    if (parts.length === 0) return;
    const gone = this.flying.filter(({ message: { from, to } }) =>
      parts.includes(from) || parts.includes(to)
    );
    this.flying = this.flying.filter((flying) => !gone.includes(flying));
    this.discarded += gone.length;
    this.auditor.discarded(gone.map(({ message }) => message));
    this.restarted = true;
    for (const who of parts) {
      const process = this.process(who), cut = this.cutOf(label, who);
      process.sent = [...cut?.sent ?? []];
      process.read = [...cut?.read ?? []];
      process.inbox = [...cut?.inbox ?? []];
      process.arrived = [...process.read, ...process.inbox.map(({ message }) => message)];
      process.past = new Set(cut?.past);
      process.ended = false;
      this.flying.push(...cut?.log ?? []);
    }
    this.auditor.restarted(
      parts.map((process) => ({ process, label: label === "" ? undefined : label })),
      this.at,
    );
  }

  private end(who: number): void {
    const process = this.process(who);
    if (process.ended) return;
    this.event(who);
    process.ended = true;
    this.auditor.ended(who, this.at);
  }
}
