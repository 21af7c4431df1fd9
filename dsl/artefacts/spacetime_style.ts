/** How a space-time diagram looks, in light, in the dark and on paper. */
import { element, type Xml, xmlText } from "../reporters/xml.ts";

/** Colours for kinds of control messages: told apart also by who cannot see red and green. */
const COLOURS = [
  "#0072b2",
  "#b35900",
  "#007a5a",
  "#8a4fbf",
  "#6b6b00",
  "#00829b",
  "#a8477a",
  "#7a5230",
];

/** The colour of the kind at that place among those of the run. */
export const colourOf = (place: number): string =>
  COLOURS[Math.max(0, place) % COLOURS.length] ?? "#0072b2";

export const STYLE = `
svg { font-family: system-ui, sans-serif; font-size: 12px; --ink: #1b1b1b; --page: #ffffff;
  --faint: #8a8a8a; --rule: #e3e3e3; --bad: #c1121f; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #ededed; --page: #16181c; --faint: #9a9a9a; --rule: #2c3036; --bad: #ff6b6b; }
  .control { filter: brightness(1.6); }
}
@media print { svg { --ink: #000; --page: #fff; --faint: #666; --rule: #ddd; --bad: #c1121f; } }
text { fill: var(--ink); }
.page { fill: var(--page); }
.title { font-size: 15px; font-weight: 600; }
.said, .time, .node { fill: var(--faint); }
.time { text-anchor: end; }
.name, .node { text-anchor: middle; }
.name { font-weight: 600; }
.tick { stroke: var(--rule); }
.life { stroke: var(--ink); stroke-width: 2; }
.message line { stroke-width: 1.2; }
.message path { stroke-width: 1.2; }
.user { stroke: var(--faint); fill: var(--faint); }
.flaw { stroke: var(--bad); fill: var(--bad); }
.flaw line { stroke-width: 2.2; }
.cut polyline { fill: none; stroke: var(--ink); stroke-width: 1.4; stroke-dasharray: 6 4; }
.cut rect { fill: var(--ink); stroke: var(--page); }
.cut.open rect { fill: var(--page); stroke: var(--ink); stroke-width: 1.6; }
.crash { stroke: var(--bad); stroke-width: 3.4; fill: none; }
.restart { fill: var(--page); stroke: var(--ink); stroke-width: 2.4; }
.end { stroke: var(--ink); stroke-width: 3; }
`;

/** What the signs mean, in a row at the bottom. */
export function legend(kinds: readonly string[], left: number, y: number): readonly Xml[] {
  const words = [
    ["user message", "stroke:var(--faint)", "user"],
    ...kinds.map((kind, i) => [kind, `stroke:${colourOf(i)}`, "control"]),
    ["orphan, in transit or lost", "stroke:var(--bad)", "flaw"],
  ] as const;
  let x = left;
  const lines = words.flatMap(([word = "", style = "", look]) => {
    const from = x;
    x += 42 + word.length * 7.5;
    return [
      element("line", {
        class: look,
        x1: from,
        x2: from + 20,
        y1: y - 4,
        y2: y - 4,
        style: `${style};stroke-width:2.4`,
      }),
      element("text", { x: from + 25, y }, [xmlText(word)]),
    ];
  });
  const signs = "■ saved   □ not committed   ✕ crash   ○ restart   — end";
  return [...lines, element("text", { x: left, y: y - 20 }, [xmlText(signs)])];
}
