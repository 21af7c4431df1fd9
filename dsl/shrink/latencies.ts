/** Latencies as a run drew them: lists that a channel can be given instead of a distribution. */
import { CHANNEL, type ChannelOptions } from "../../core/mod.ts";
import { MANAGER } from "../draft.ts";
import { showOption } from "../options.ts";
import type { Plan } from "../plan.ts";
import type { Decisions } from "../results.ts";
import { written } from "../vocabulary.ts";
import { timeText } from "./times.ts";

/** The latencies of one channel, in ns, in the order they were drawn. */
export interface Drawn {
  readonly options: ChannelOptions;
  readonly values: readonly number[];
}

/** What the channel from one process to another is like. */
export function optionsOf(plan: Plan, from: string, to: string): ChannelOptions | undefined {
  return plan.channels.findLast((one) => one.from.includes(from) && one.to.includes(to))?.options;
}

/** The drawn latencies by channel, `0->1`. A constant latency is not drawn. */
export function latencies(
  plan: Plan,
  { worlds }: Decisions,
  view: string,
): ReadonlyMap<string, Drawn> {
  const found = new Map<string, { options: ChannelOptions; values: number[] }>();
  const name = (station: string): string => plan.processes[Number(station)]?.name ?? MANAGER;
  for (const choice of worlds.find((world) => world.view === view)?.choices ?? []) {
    if (choice.stream !== "latency") continue;
    const pair = String(choice.entity);
    const [from = "", to = ""] = pair.split("->");
    const options = optionsOf(plan, name(from), name(to));
    if (options === undefined) continue;
    const { latency } = options;
    const low = latency.shape === "uniform" || latency.shape === "exponential" ? latency.low : 0;
    const drawn = found.get(pair) ?? { options, values: [] };
    found.set(pair, drawn);
    drawn.values.push(low + choice.taken);
  }
  return found;
}

/** A list that ends where only its last value comes again: that is what a channel does anyway. */
export function shortened(values: readonly number[]): readonly number[] {
  let end = values.length;
  while (end > 1 && values[end - 1] === values[end - 2]) end--;
  return values.slice(0, end);
}

/** `latency: …` of a list; of one value the value. */
export function latencyText(values: readonly number[]): string {
  const short = shortened(values).map(timeText);
  return short.length === 1 ? short.join("") : `[${short.join(", ")}]`;
}

/** The statement of channels with these latencies; `ends`: `all`, or `p[0] -> p[1]`. */
export function channelText(
  ends: string,
  options: ChannelOptions,
  values: readonly number[],
): string {
  const others = Object.entries(CHANNEL).flatMap(([key, option]) => {
    const value = options[key as keyof ChannelOptions];
    const isUsual = JSON.stringify(value) === JSON.stringify(option.default);
    return key === "latency" || isUsual ? [] : [`${written(key)}: ${showOption(option, value)}`];
  });
  const object = [...others, `latency: ${latencyText(values)}`].join(", ");
  return `channel ${ends} { ${object} }`;
}
