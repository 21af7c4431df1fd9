/** A world's run as pictures see it: the trace, the recording, and which stations there are. */
import type { MessageRecord, Recording, TraceEvent } from "../../core/mod.ts";
import type { CellResult } from "../results.ts";
import { UNDISTURBED, type View } from "../value.ts";

/** One world that was recorded. */
export interface Story {
  readonly view: View;
  readonly endedNs: number;
  readonly events: readonly TraceEvent[];
  readonly recording: Recording;
}

/** The manager's name among stations. */
export const MANAGER = "manager";

const isManagers = ({ process, node, kind }: TraceEvent): boolean =>
  process === MANAGER || process === "" && node === "" && MANAGER_KINDS.has(kind);

const MANAGER_KINDS: ReadonlySet<string> = new Set([
  "request",
  "phase",
  "control",
  "recorded",
  "aborted",
  "protocol",
]);

/** Who an event happened to: a process, the manager, a node, or nobody in particular. */
export function stationOf(event: TraceEvent): string {
  if (event.process !== "") return event.process;
  return isManagers(event) ? MANAGER : event.node;
}

/** There is a manager that did something. */
export const hasManager = ({ events, recording: { messages } }: Story): boolean =>
  events.some(isManagers) || messages.some(({ from, to }) => from === MANAGER || to === MANAGER);

/** Processes in their order, the manager first where there is one. */
export const stationsOf = (story: Story): readonly string[] => [
  ...hasManager(story) ? [MANAGER] : [],
  ...story.recording.processes.map(({ name }) => name),
];

/** A stretch of a process's life: from its beginning or a restart to its end or a crash. */
export interface Life {
  readonly station: string;
  readonly from: number;
  readonly to: number;
  readonly end: "ended" | "crashed" | "goes on";
}

const ENDS: Readonly<Record<string, Life["end"]>> = { end: "ended", crash: "crashed" };

/** The lives of a process or of the manager. */
export function livesOf(station: string, { events, endedNs }: Story): readonly Life[] {
  const lives: Life[] = [];
  let from: number | undefined = station === MANAGER ? 0 : undefined;
  for (const event of events) {
    if (stationOf(event) !== station) continue;
    const { kind, time } = event;
    const end = ENDS[kind];
    if (end !== undefined && from !== undefined) {
      lives.push({ station, from, to: time, end });
      from = undefined;
    } else if (kind === "spawn" || kind === "restart") {
      // Who goes back with others lived until now.
      if (from !== undefined && time > from && station !== MANAGER) {
        lives.push({ station, from, to: time, end: "goes on" });
      }
      from = time;
    }
  }
  if (from === undefined) return lives;
  return [...lives, { station, from, to: Math.max(from, endedNs), end: "goes on" }];
}

/** The world a picture is drawn of: where a claim failed, else the first. */
export function mainStory(result: CellResult, stories: readonly Story[]): Story | undefined {
  const failed = result.claims.find(({ verdict }) => verdict === "failed")?.alternative;
  const drawn = stories.filter(({ view }) => view !== UNDISTURBED);
  return drawn.find(({ view }) => view === failed) ?? drawn[0];
}

/** A message in words. */
export function describeMessage(message: MessageRecord): string {
  const { from, to, kind, sequence, bytes, fate } = message;
  const number = sequence === undefined ? "" : ` #${sequence}`;
  return `${kind}${number} ${from} → ${to}, ${bytes} bytes, ${fate}`;
}
