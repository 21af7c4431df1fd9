/** Channels of a cell, and whether they give what its protocols need. */
import type { ChannelOptions } from "../core/mod.ts";
import { type Draft, MANAGER } from "./draft.ts";
import type { PlannedChannel } from "./plan.ts";
import type { Span } from "./source.ts";
import { type ProtocolEntry, written } from "./vocabulary.ts";

/** A channel statement: its ends (all of them when there are none) and what it says. */
export interface Channel {
  readonly ends: { readonly from: readonly string[]; readonly to: readonly string[] } | undefined;
  readonly options: ChannelOptions;
  readonly span: Span;
}

/** Everybody who sends and receives. */
const stations = (draft: Draft): readonly string[] => [
  ...draft.processes.map(({ name }) => name),
  MANAGER,
];

/** Names of the protocols the cell's runs are coordinated by. */
export function protocolsOf({ protocol, alternatives }: Draft): readonly string[] {
  const compared = alternatives.filter(({ what }) => what === "protocol");
  return [protocol, ...compared.map(({ strategy }) => strategy)]
    .flatMap((strategy) => strategy === undefined ? [] : [strategy.name]);
}

/** The statements with all their ends. */
export function planChannels(draft: Draft): readonly PlannedChannel[] {
  const all = stations(draft);
  return draft.channels.map(({ ends, options }) => ({ from: all, to: all, ...ends, options }));
}

/** The statements that no later ones replace for all of their pairs. */
function inUse(draft: Draft): readonly Channel[] {
  const count = stations(draft).length;
  const covered = new Set<string>();
  const used: Channel[] = [];
  for (const channel of draft.channels.toReversed()) {
    if (channel.ends === undefined) {
      if (covered.size < count * (count - 1)) used.push(channel);
      break;
    }
    const before = covered.size;
    for (const from of channel.ends.from) {
      for (const to of channel.ends.to) if (from !== to) covered.add(`${from} ${to}`);
    }
    if (covered.size > before) used.push(channel);
  }
  return used;
}

/** What a protocol needs and a channel does not give. */
function unmet({ requires }: ProtocolEntry, options: ChannelOptions): readonly string[] {
  const reorders = requires.order === "fifo" && options.order === "any";
  const loses = options.delivery !== "reliable" && options.transport !== "retransmit";
  return [
    ...reorders ? ['order: "fifo", and the channel has order: "any"'] : [],
    ...loses
      ? [
        `delivery: "reliable", and the channel has delivery: "${options.delivery}" ` +
        'without transport: "retransmit"',
      ]
      : [],
  ];
}

/** Metrics by which a claim shows that it expects a protocol to fail. */
const SIGNS_OF_FAILURE = ["lost", "orphans", "duplicated", "consistent", "aborted"];

/** Reports each requirement of the protocols in use once, at the first channel that fails it. */
export function checkRequirements(draft: Draft): void {
  const names = protocolsOf(draft);
  const protocols = draft.vocabulary.protocols.filter(({ name }) => names.includes(name));
  const expected = SIGNS_OF_FAILURE.some((name) => draft.claimed.has(name));
  const said = new Set<string>();
  for (const channel of inUse(draft).toReversed()) {
    for (const protocol of protocols) {
      for (const wanted of unmet(protocol, channel.options)) {
        const message = `${written(protocol.name)} requires ${wanted}`;
        if (said.has(message)) continue;
        said.add(message);
        if (expected) draft.warn("CK0510", channel.span, message);
        else draft.report("CK0510", channel.span, message);
      }
    }
  }
}
