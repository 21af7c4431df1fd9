/**
 * `trace.perfetto.json`: the run for ui.perfetto.dev, in the JSON format of Chrome's traces. A process
 * there is a node here, a thread a process; slices nest, arrows are messages, counters are messages
 * on their way. Times are virtual.
 */
import type { TraceEvent } from "../../core/mod.ts";
import { describeMessage, type Life, livesOf, MANAGER, stationOf, type Story } from "./story.ts";

/** One event of the format. Times in µs. */
export interface PerfettoEvent {
  readonly ph: "M" | "X" | "i" | "s" | "f" | "C";
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  readonly cat?: string;
  readonly bp?: "e";
  readonly s?: "t";
  readonly args?: Readonly<Record<string, string | number>>;
}

/** A stretch of time with a name. */
export interface Slice {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

/**
 * Slices that nest: where one would end after the one it began in, it ends with it, and says when it
 * really did. Of two that begin together the longer is the outer.
 */
export function nested(slices: readonly Slice[]): readonly Slice[] {
  const sorted = [...slices].sort((a, b) => a.from - b.from || b.to - a.to);
  const open: Slice[] = [];
  return sorted.map((slice) => {
    while (open.length > 0 && (open.at(-1)?.to ?? 0) <= slice.from) open.pop();
    const limit = open.at(-1)?.to ?? Infinity;
    const fits = slice.to <= limit;
    const cut = fits ? slice : { ...slice, to: limit, args: { ...slice.args, endsNs: slice.to } };
    open.push(cut);
    return cut;
  });
}

/** Phases in which a member or a manager is at work; between them it is at rest. */
const AT_REST: ReadonlySet<string> = new Set(["run", "idle", ""]);

/** The phases of the protocol, each until the next; a crash ends one too. */
function phasesOf(station: string, { events, endedNs }: Story): readonly Slice[] {
  const own = events.filter((event) =>
    stationOf(event) === station && ["phase", "crash", "restart", "end"].includes(event.kind)
  );
  return own.flatMap(({ kind, time, text }, i) => {
    if (kind !== "phase" || AT_REST.has(text)) return [];
    return [{ name: text, from: time, to: own[i + 1]?.time ?? endedNs }];
  });
}

/** From the request until the image is durable, or the run is over. */
function checkpointsOf(station: string, { recording: { lines }, endedNs }: Story): Slice[] {
  return lines.flatMap(({ label, cuts }) =>
    cuts.flatMap(({ process, requestedNs, takenNs, durableNs }) => {
      if (process !== station || requestedNs === undefined) return [];
      const args: Slice["args"] = takenNs === undefined ? {} : { takenNs };
      return [{ name: `save ${label}`, from: requestedNs, to: durableNs ?? endedNs, args }];
    })
  );
}

/** Only what lies in a life is drawn: what a crash cut off has no end of its own. */
const within = (slices: readonly Slice[], lives: readonly Life[]): readonly Slice[] =>
  slices.flatMap((slice) => {
    const life = lives.find(({ from, to }) => slice.from >= from && slice.from <= to);
    return life === undefined ? [] : [{ ...slice, to: Math.min(slice.to, life.to) }];
  });

const us = (ns: number): number => ns / 1000;

/** What is worth a mark of its own. */
const MARKS: ReadonlySet<string> = new Set([
  "crash",
  "restart",
  "recorded",
  "aborted",
  "abandoned",
  "note",
  "partition",
  "heal",
  "migrate",
  "migrated",
  "pause",
  "resume",
  "request",
]);

/** Where a station is shown. */
interface Seat {
  readonly pid: number;
  readonly tid: number;
}

/** Builds the events of one world; nodes are numbered from `firstPid`. */
class Track {
  readonly events: PerfettoEvent[] = [];
  readonly #nodes = new Map<string, number>();
  readonly #seats = new Map<string, Seat>();
  readonly #lives = new Map<string, readonly Life[]>();

  constructor(readonly story: Story, readonly firstPid: number, readonly firstFlow: number) {}

  build(): void {
    const { recording: { processes } } = this.story;
    this.#station(MANAGER, MANAGER);
    for (const { name, node } of processes) this.#station(name, node);
    for (const event of this.story.events) if (MARKS.has(event.kind)) this.#mark(event);
    this.#messages();
    this.#counters();
  }

  /** How many numbers of nodes are taken. */
  get size(): number {
    return this.#nodes.size;
  }

  #station(name: string, node: string): void {
    const { story, events } = this;
    const lives = livesOf(name, story);
    this.#lives.set(name, lives);
    const known = this.#nodes.get(node);
    const pid = known ?? this.firstPid + this.#nodes.size;
    if (known === undefined) {
      this.#nodes.set(node, pid);
      const title = story.view === "" ? node : `${story.view}: ${node}`;
      events.push({ ph: "M", name: "process_name", pid, args: { name: title } });
      events.push({ ph: "M", name: "process_sort_index", pid, args: { sort_index: pid } });
    }
    const seat = { pid, tid: this.#seats.size + 1 };
    this.#seats.set(name, seat);
    events.push({ ph: "M", name: "thread_name", ...seat, args: { name } });
    const alive = lives.map(({ from, to, end }) => ({
      name: name === MANAGER ? "manager" : end === "crashed" ? "life, crashed" : "life",
      from,
      to,
    }));
    const inner = within([...checkpointsOf(name, story), ...phasesOf(name, story)], lives);
    for (const { name: title, from, to, args } of nested([...alive, ...inner])) {
      const times = { ts: us(from), dur: us(to - from) };
      const more = args === undefined ? {} : { args };
      events.push({ ph: "X", name: title, ...seat, ...times, ...more });
    }
  }

  /** What belongs to nobody stands with the manager. */
  #seat(station: string): Seat {
    return this.#seats.get(station) ?? { pid: this.firstPid, tid: 1 };
  }

  #mark({ time, kind, text, process }: TraceEvent): void {
    const name = text === "" ? kind : `${kind} ${text}`;
    this.events.push({ ph: "i", s: "t", name, ...this.#seat(process), ts: us(time) });
  }

  #isAlive(station: string, ns: number): boolean {
    return this.#lives.get(station)?.some(({ from, to }) => ns >= from && ns <= to) === true;
  }

  /** An arrow wants a slice at both ends; a message without is a mark. */
  #messages(): void {
    for (const [i, message] of this.story.recording.messages.entries()) {
      const { from, to, kind, sentNs, arrivedNs, isControl } = message;
      const arrives = arrivedNs !== undefined && this.#isAlive(to, arrivedNs);
      if (!this.#isAlive(from, sentNs) || !arrives) {
        const name = describeMessage(message);
        this.events.push({ ph: "i", s: "t", name, ...this.#seat(from), ts: us(sentNs) });
        continue;
      }
      const flow = { name: kind, cat: isControl ? "control" : "user", id: this.firstFlow + i };
      this.events.push({ ph: "s", ...flow, ...this.#seat(from), ts: us(sentNs) });
      this.events.push({
        ph: "f",
        bp: "e",
        ...flow,
        ...this.#seat(to),
        ts: us(arrivedNs ?? sentNs),
      });
    }
  }

  /** For each process, how many messages are on their way to it. */
  #counters(): void {
    const { recording: { messages, processes }, endedNs } = this.story;
    for (const { name } of processes) {
      const steps = messages.filter(({ to }) => to === name).flatMap(({ sentNs, arrivedNs }) => [
        [sentNs, 1] as const,
        [arrivedNs ?? endedNs, -1] as const,
      ]);
      steps.sort(([a, x], [b, y]) => a - b || y - x);
      let count = 0;
      for (const [i, [ns, change]] of steps.entries()) {
        count += change;
        if (steps[i + 1]?.[0] === ns) continue;
        const counter = { name: `on their way to ${name}`, args: { messages: count } };
        this.events.push({ ph: "C", ...counter, pid: this.#seat(name).pid, ts: us(ns) });
      }
    }
  }
}

/** The file of all worlds of a cell. */
export function perfettoText(stories: readonly Story[]): string {
  const events: PerfettoEvent[] = [];
  let pid = 1, flow = 1;
  for (const story of stories) {
    const track = new Track(story, pid, flow);
    track.build();
    pid += track.size;
    flow += story.recording.messages.length;
    for (const event of track.events) events.push(event);
  }
  const lines = events.map((event) => JSON.stringify(event)).join(",\n");
  return `{"displayTimeUnit":"ns","traceEvents":[\n${lines}\n]}\n`;
}
