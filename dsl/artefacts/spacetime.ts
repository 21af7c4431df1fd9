/**
 * `spacetime.svg`: the run as a space-time diagram. Time goes down, each process has a lane. It shows
 * a window around what went wrong, and says what it leaves out.
 */
import type { LineRecord, MessageRecord } from "../../core/mod.ts";
import { element, type Xml, xmlText } from "../reporters/xml.ts";
import { formatNs } from "../units.ts";
import { colourOf, legend, STYLE } from "./spacetime_style.ts";
import { describeMessage, type Life, livesOf, stationOf, stationsOf, type Story } from "./story.ts";

/** More messages than that make a picture nobody can read. */
const MOST_MESSAGES = 160;
/** Width of a lane; many lanes are narrow. */
const LANE = { most: 132, least: 46, all: 1500 };
const MARGIN = { left: 104, top: 84, right: 150, bottom: 76 };
const HEIGHT = 880;
/** Room for the words at the top, and letters of the title that it has. */
const LEAST_WIDTH = 720;
const LETTER = 9;
/** About so many lines of time. */
const TICKS = 10;

/** What the picture shows of time, and why. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** Around what it is. */
  readonly focus: number;
  readonly why: string;
}

const flawsOf = ({ orphans, inTransit, lost }: LineRecord): readonly number[] => [
  ...orphans,
  ...inTransit,
  ...lost,
];

/** What went wrong first; else the last line; else the end. */
function focusOf({ events, recording: { lines }, endedNs }: Story): [number, string] {
  const cutNs = ({ cuts }: LineRecord) => Math.max(0, ...cuts.map(({ takenNs = 0 }) => takenNs));
  const bad = lines.find(({ orphans, lost }) => orphans.length + lost.length > 0);
  if (bad !== undefined) return [cutNs(bad), `line ${bad.label}, which is not sound`];
  const broken = events.find(({ kind }) => ["crash", "aborted", "abandoned"].includes(kind));
  if (broken !== undefined) return [broken.time, `${broken.kind} of ${stationOf(broken)}`];
  const last = lines.findLast(({ cuts }) => cuts.some(({ takenNs }) => takenNs !== undefined));
  return last === undefined ? [endedNs, "the end"] : [cutNs(last), `line ${last.label}`];
}

/** As much time around the focus as has room for its messages; a tenth of it is ahead at least. */
export function windowOf(story: Story): Window {
  const { endedNs, recording: { messages, lines } } = story;
  const [focus, why] = focusOf(story);
  const distances = messages.map(({ sentNs, arrivedNs = sentNs }) =>
    Math.max(Math.abs(sentNs - focus), Math.abs(arrivedNs - focus))
  ).sort((a, b) => a - b);
  const whole = Math.max(focus, endedNs - focus);
  const near = distances[MOST_MESSAGES];
  // All of the checkpoint it is about belongs to it, if that has room.
  const around = lines.flatMap(({ cuts }) => cuts.map(({ takenNs = focus }) => takenNs))
    .map((ns) => Math.abs(ns - focus)).filter((ns) => near === undefined || ns <= near);
  const span = near === undefined ? whole : Math.max(near, ...around);
  const from = Math.max(0, focus - span);
  const to = Math.min(Math.max(endedNs, focus), focus + span);
  return { from, to: Math.max(to, from + 1), focus, why };
}

/** What the picture does not show, in words. */
export function leftOut({ recording: { messages }, endedNs }: Story, window: Window): string {
  const before = messages.filter(({ sentNs, arrivedNs = sentNs }) => arrivedNs < window.from);
  const after = messages.filter(({ sentNs }) => sentNs > window.to);
  const parts = [
    ...window.from > 0 ? [`${before.length} messages before ${formatNs(window.from)}`] : [],
    ...window.to < endedNs ? [`${after.length} messages after ${formatNs(window.to)}`] : [],
  ];
  return parts.length === 0 ? "all of the run is shown" : `not shown: ${parts.join(", ")}`;
}

/** Draws one world. */
class Drawing {
  readonly #stations: readonly string[];
  readonly window: Window;
  readonly #flaws: ReadonlySet<number>;
  /** Kinds of control messages, as they came. */
  readonly #kinds: readonly string[];

  constructor(readonly story: Story, readonly title: string) {
    this.#stations = stationsOf(story);
    this.window = windowOf(story);
    const { lines, messages } = story.recording;
    this.#flaws = new Set(lines.flatMap(flawsOf));
    const control = messages.filter(({ isControl }) => isControl);
    this.#kinds = [...new Set(control.map(({ kind }) => kind))];
  }

  get width(): number {
    const lanes = MARGIN.left + Math.max(1, this.#stations.length) * this.#lane + MARGIN.right;
    return Math.max(LEAST_WIDTH, lanes);
  }

  get #lane(): number {
    const fair = LANE.all / Math.max(1, this.#stations.length);
    return Math.max(LANE.least, Math.min(LANE.most, fair));
  }

  #x(station: string): number {
    return MARGIN.left + (this.#stations.indexOf(station) + 0.5) * this.#lane;
  }

  #y(ns: number): number {
    const { from, to } = this.window;
    const share = Math.min(1, Math.max(0, (ns - from) / (to - from)));
    return MARGIN.top + share * (HEIGHT - MARGIN.top - MARGIN.bottom);
  }

  #isShown(ns: number): boolean {
    return ns >= this.window.from && ns <= this.window.to;
  }

  svg(): string {
    const { width } = this;
    const said = `Around ${formatNs(this.window.focus)} (${this.window.why}); ${
      leftOut(this.story, this.window)
    }.`;
    const children = [
      element("title", {}, [xmlText(this.title)]),
      element("desc", {}, [xmlText(`Space-time diagram, time goes down. ${said}`)]),
      element("style", {}, [xmlText(STYLE)]),
      element("rect", { class: "page", width, height: HEIGHT }),
      text(16, 24, shortened(this.title, width / LETTER), "title"),
      text(16, 44, said, "said"),
      ...this.#axis(),
      ...this.#stations.flatMap((station) => this.#drawLane(station)),
      ...this.story.recording.messages.flatMap((message, i) => this.#message(message, i)),
      ...this.story.recording.lines.flatMap((line) => this.#line(line)),
      ...this.#marks(),
      ...legend(this.#kinds, 16, HEIGHT - 14),
    ];
    const view = { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT };
    const about = { xmlns: "http://www.w3.org/2000/svg", role: "img", ...view };
    return `${element("svg", about, [`\n${children.join("\n")}\n`])}\n`;
  }

  #axis(): readonly Xml[] {
    const { from, to } = this.window;
    const right = this.width - MARGIN.right;
    return ticksOf(from, to).flatMap((ns) => [
      element("line", { class: "tick", x1: MARGIN.left, x2: right, ...level(this.#y(ns)) }),
      text(MARGIN.left - 8, this.#y(ns) + 4, formatNs(ns), "time"),
    ]);
  }

  #drawLane(station: string): readonly Xml[] {
    const x = this.#x(station);
    const node = this.story.recording.processes.find(({ name }) => name === station)?.node ?? "";
    const lives = livesOf(station, this.story).flatMap((life) => this.#life(x, life));
    return [
      text(x, MARGIN.top - 22, station, "name"),
      text(x, MARGIN.top - 8, node, "node"),
      ...lives,
    ];
  }

  #life(x: number, { station, from, to, end }: Life): readonly Xml[] {
    if (to < this.window.from || from > this.window.to) return [];
    const title = `${station}: ${formatNs(from)} to ${formatNs(to)}, ${end}`;
    return [
      element("line", {
        class: "life",
        x1: at(x),
        x2: at(x),
        y1: at(this.#y(from)),
        y2: at(this.#y(to)),
      }, [
        element("title", {}, [xmlText(title)]),
      ]),
    ];
  }

  #message(message: MessageRecord, place: number): readonly Xml[] {
    const { to, kind, isControl, sentNs, arrivedNs, fate } = message;
    const until = arrivedNs ?? sentNs;
    if (until < this.window.from || sentNs > this.window.to) return [];
    const whole = arrivedNs !== undefined;
    const [x1, y1] = this.#point(message, sentNs);
    // Without an arrival it goes half the way.
    const [x2, y2] = whole ? this.#point(message, until) : [(x1 + this.#x(to)) / 2, y1 + 14];
    const isFlaw = this.#flaws.has(place);
    const look = isFlaw ? "flaw" : isControl ? "control" : "user";
    const colour = colourOf(this.#kinds.indexOf(kind));
    const style = isControl && !isFlaw ? `stroke:${colour};fill:${colour}` : undefined;
    const title = element("title", {}, [
      xmlText(
        `${describeMessage(message)}; sent ${formatNs(sentNs)}${
          whole ? `, arrived ${formatNs(until)}` : ""
        }`,
      ),
    ]);
    const end = fate === "arrived" ? head(x1, y1, x2, y2) : cross(x2, y2, 4);
    return [
      element("g", { class: `message ${look}`, style }, [
        element("line", { x1: at(x1), y1: at(y1), x2: at(x2), y2: at(y2) }),
        // What is still on its way when the run is over has come to no end.
        ...fate === "on its way" ? [] : [element("path", { d: end })],
        title,
      ]),
    ];
  }

  /** Where a message is at that time, or at the edge of the window that it crosses. */
  #point({ from, to, sentNs, arrivedNs = sentNs }: MessageRecord, ns: number): [number, number] {
    const shown = Math.min(this.window.to, Math.max(this.window.from, ns));
    const share = arrivedNs === sentNs ? 0 : (shown - sentNs) / (arrivedNs - sentNs);
    const [x1, x2] = [this.#x(from), this.#x(to)];
    return [x1 + share * (x2 - x1), this.#y(shown)];
  }

  /** A cut through the lanes, with a square where each process was saved. */
  #line({ label, isCommitted, cuts, orphans, inTransit, lost }: LineRecord): readonly Xml[] {
    const taken = cuts.flatMap(({ process, takenNs }) =>
      takenNs === undefined || !this.#isShown(takenNs) ? [] : [{ process, ns: takenNs }]
    ).sort((a, b) => this.#x(a.process) - this.#x(b.process));
    const [first] = taken, last = taken.at(-1);
    if (first === undefined || last === undefined) return [];
    const state = isCommitted ? "committed" : "not committed";
    const flaws = [
      ...orphans.length > 0 ? [`${orphans.length} orphans`] : [],
      ...inTransit.length > 0 ? [`${inTransit.length} in transit`] : [],
      ...lost.length > 0 ? [`${lost.length} lost`] : [],
    ];
    const points = taken.map(({ process, ns }) => `${at(this.#x(process))},${at(this.#y(ns))}`);
    const title = [`checkpoint ${label}`, state, ...flaws].join(", ");
    return [
      element("g", { class: `cut ${isCommitted ? "committed" : "open"}` }, [
        element("polyline", { points: points.join(" ") }),
        ...taken.map(({ process, ns }) =>
          element("rect", {
            x: at(this.#x(process) - 5),
            y: at(this.#y(ns) - 5),
            width: 10,
            height: 10,
          }, [
            element("title", {}, [xmlText(`${process} saved at ${formatNs(ns)}: ${title}`)]),
          ])
        ),
        text(
          this.#x(last.process) + 12,
          this.#y(last.ns) + 4,
          [label, ...flaws].join(", "),
          "label",
        ),
      ]),
    ];
  }

  #marks(): readonly Xml[] {
    return this.story.events.flatMap((event) => {
      const station = stationOf(event);
      if (!this.#isShown(event.time) || !this.#stations.includes(station)) return [];
      const [x, y] = [this.#x(station), this.#y(event.time)];
      const title = element("title", {}, [
        xmlText(`${station}: ${event.kind} ${event.text} at ${formatNs(event.time)}`),
      ]);
      switch (event.kind) {
        case "crash":
          return [element("path", { class: "crash", d: cross(x, y, 9) }, [title])];
        case "restart":
          return [element("circle", { class: "restart", cx: at(x), cy: at(y), r: 6 }, [title])];
        case "end":
          return [element("path", { class: "end", d: `M${at(x - 8)} ${at(y)}h16` }, [title])];
        default:
          return [];
      }
    });
  }
}

/** Round times between two, about ten of them: steps of 1, 2 or 5. */
export function ticksOf(from: number, to: number): readonly number[] {
  const rough = (to - from) / TICKS;
  const power = 10 ** Math.max(0, Math.ceil(rough).toString().length - 1);
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}

const at = (value: number): number => Math.round(value * 10) / 10;

/** The end of a title tells more than its beginning. */
const shortened = (title: string, most: number): string =>
  title.length <= most ? title : `…${title.slice(title.length - Math.floor(most) + 1)}`;

const level = (y: number) => ({ y1: at(y), y2: at(y) });

const text = (x: number, y: number, content: string, look: string): Xml =>
  element("text", { class: look, x: at(x), y: at(y) }, [xmlText(content)]);

const cross = (x: number, y: number, r: number): string =>
  `M${at(x - r)} ${at(y - r)}L${at(x + r)} ${at(y + r)}M${at(x - r)} ${at(y + r)}L${at(x + r)} ${
    at(y - r)
  }`;

/** An arrow's head at the end of a line. */
function head(x1: number, y1: number, x2: number, y2: number): string {
  const length = Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2) || 1;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const side = (sign: 1 | -1) =>
    `${at(x2 - 8 * ux + sign * 3 * uy)} ${at(y2 - 8 * uy - sign * 3 * ux)}`;
  return `M${at(x2)} ${at(y2)}L${side(1)}L${side(-1)}Z`;
}

/** The picture of a world. */
export const spacetimeSvg = (story: Story, title: string): string =>
  new Drawing(story, title).svg();
