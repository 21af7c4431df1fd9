/** A plugin of reporters: some that do as they should, and one for each way to break the contract. */
import {
  definePlugin,
  type PluginReport,
  type RecordedEvent,
  reporter,
  type ReportPlace,
} from "ckptlab";

type Take = (event: RecordedEvent, place: ReportPlace) => string;

const telling = (name: string, take: Take, machine = false) =>
  reporter({
    name,
    help: `Tells: ${name}.`,
    ...machine ? { machine } : {},
    begin: (place) => ({ take: (event) => take(event, place) }),
  });

/** A line for each cell, coloured where that is wanted. */
const cells: Take = (event, { isColoured }) => {
  if (event.event !== "cell-ended") return "";
  const verdict = isColoured ? `\x1b[1m${event.verdict}\x1b[0m` : event.verdict;
  return `${verdict} ${event.cell}\n`;
};

/** What it is told of its place, and every event as it came. */
const everything = reporter({
  name: "every-thing",
  help: "Tells everything it is told, for a program.",
  machine: true,
  begin: (place) => {
    let head = `${JSON.stringify(place)}\n`;
    return {
      take: (event) => {
        const line = `${head}${JSON.stringify(event)}\n`;
        head = "";
        return line;
      },
    };
  },
});

/** Misbehaves at the first cell that has ended, when it has told something already. */
const bad = (name: string, act: (event: RecordedEvent) => unknown, machine = false) =>
  telling(name, (event) => {
    if (event.event === "run-begun") return "it begins\n";
    return event.event === "cell-ended" ? act(event) as string : "";
  }, machine);

const beginning = (name: string, begin: (place: ReportPlace) => unknown) =>
  reporter({
    name,
    help: `Misbehaves: ${name}.`,
    begin: (place) => begin(place) as PluginReport,
  });

const kept = Date.now;

export default definePlugin({
  name: "reporting",
  version: "1.0.0",
  api: "^1",
  contributes: {
    reporters: [
      telling("cell-lines", cells),
      everything,
      bad("throws", () => {
        throw new Error("no words today");
      }),
      bad("throws_for_a_program", () => {
        throw new Error("no words today");
      }, true),
      bad("tells_a_number", () => 7),
      bad("tells_nothing", () => undefined),
      bad("promises", () => Promise.resolve("later\n")),
      bad("changes_an_event", (event) => {
        Object.assign(event, { cell: "mine" });
        return "";
      }),
      bad("changes_deep_inside", (event) => {
        if (event.event === "cell-ended") Object.assign(event, { verdict: "holds" });
        return "";
      }),
      bad("reads_the_clock", () => `${kept()}`),
      bad("takes_a_chance", () => `${Math.random()}`),
      bad("fetches", () => `${fetch("http://localhost")}`),
      bad("reads_a_file", () => Deno.readTextFileSync("/etc/hostname")),
      bad("writes_a_file", () => {
        Deno.writeTextFileSync("mine.txt", "mine");
        return "";
      }),
      bad("colours_a_file", () => "\x1b[31mred\x1b[0m\n"),
      bad("rings", () => "\x07"),
      // Asleep in between: a Worker in a loop goes on though it was ended, and would burn a processor.
      bad("loops", () => {
        const cell = new Int32Array(new SharedArrayBuffer(4));
        for (;;) Atomics.wait(cell, 0, 0, 1000);
      }),
      beginning("changes_its_place", (place) => {
        Object.assign(place, { file: "elsewhere" });
        return { take: () => "" };
      }),
      beginning("begins_with_nothing", () => undefined),
      beginning("begins_without_take", () => ({ tell: () => "" })),
      beginning("begins_badly", () => {
        throw new Error("not me");
      }),
    ],
  },
});
