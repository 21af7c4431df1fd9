/** What a world looks like at an instant, as text. */
import type {
  Scene,
  SceneCheckpoint,
  SceneProcess,
  ThreadLook,
  TraceEvent,
} from "../../core/mod.ts";
import { formatNs } from "../units.ts";

/** An event on one line. */
export const eventText = ({ time, node, process, kind, text }: TraceEvent): string =>
  [formatNs(time), process === "" ? node : process, kind, text].filter((part) => part !== "")
    .join(" ");

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

/** The instruction a thread is at. */
const instructionOf = ({ instructions }: ThreadLook): string =>
  (instructions.find((line) => line.startsWith("->")) ?? "-> ?").slice(3);

function processLines(process: SceneProcess): readonly string[] {
  const { name, node, condition, paused, phase, instructions, usedNs, waits, threads } = process;
  const notes = [
    `${name} on ${node} ${condition}`,
    ...paused ? ["paused"] : [],
    ...phase === "" ? [] : [`phase ${phase}`],
    `${instructions} instructions, ${formatNs(usedNs)}`,
  ];
  return [
    `  ${notes.join(", ")}`,
    ...threads.map((thread) => `    ${thread.state} at ${instructionOf(thread)}`),
    ...waits.map((wait) => `    waits in ${wait}`),
  ];
}

/** Every process, where its threads are, and what they wait for. */
export const processesText = ({ processes }: Scene): readonly string[] => [
  "processes",
  ...processes.flatMap(processLines),
];

/** The messages that are on their way. */
export const messagesText = ({ messages }: Scene): readonly string[] => [
  messages.length === 0 ? "no message is on its way" : "messages on their way",
  ...messages.map(({ from, to, kind, sequence, bytes }) =>
    `  ${from} -> ${to} ${kind}${sequence === undefined ? "" : ` ${sequence}`}, ${bytes} B`
  ),
];

const checkpointLine = ({ label, state, parts }: SceneCheckpoint): string =>
  `  ${label} ${state}: ${parts.map((part) => `${part.process} ${part.state}`).join(", ")}`;

/** The checkpoints so far. */
export const checkpointsText = ({ checkpoints }: Scene): readonly string[] => [
  checkpoints.length === 0 ? "no checkpoint yet" : "checkpoints",
  ...checkpoints.map(checkpointLine),
];

/** Registers and the instructions around them, of every thread of a process. */
export const registersText = ({ name, threads }: SceneProcess): readonly string[] =>
  threads.length === 0 ? [`${name} has no thread now`] : threads.flatMap((thread, i) => {
    const { registers: { r, pc, pr, gbr, sr, mach, macl, fpscr, fpul }, instructions } = thread;
    const named = (words: readonly (readonly [string, number])[]) =>
      words.map(([register, word]) => `${register.padEnd(5)} ${hex(word)}`).join("  ");
    const general = r.map((word, n) => [`r${n}`, word] as const);
    return [
      `${name}${threads.length === 1 ? "" : `, thread ${i}`}, ${thread.state}`,
      ...[0, 4, 8, 12].map((from) => `  ${named(general.slice(from, from + 4))}`),
      `  ${named([["pc", pc], ["pr", pr], ["gbr", gbr], ["sr", sr]])}`,
      `  ${named([["mach", mach], ["macl", macl], ["fpscr", fpscr], ["fpul", fpul]])}`,
      ...instructions.map((line) => `  ${line}`),
    ];
  });

/** All but registers. */
export const sceneText = (scene: Scene): readonly string[] => [
  ...processesText(scene),
  ...messagesText(scene),
  ...checkpointsText(scene),
];
