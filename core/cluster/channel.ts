/** What a channel is like, as data a script names. */
import type { OptionTable, OptionValues } from "../base/option.ts";

/** The keys of a `channel` statement's object, their units and their defaults. */
export const CHANNEL = {
  order: {
    type: "text",
    default: "fifo",
    choices: ["fifo", "any"],
    doc: "fifo: messages arrive in the order they were sent; any: each in its own time.",
  },
  delivery: {
    type: "text",
    default: "reliable",
    choices: ["reliable", "lossy", "duplicate"],
    doc: "reliable: every message once; lossy: `loss` of them never; duplicate: some also twice.",
  },
  latency: {
    type: "times",
    default: { shape: "constant", value: 50_000 },
    min: 1_000,
    doc: "From the last byte sent to the arrival: a time, a range, or a distribution.",
  },
  bandwidth: {
    type: "bandwidth",
    default: 12_500_000,
    min: 1_000,
    doc: "Bytes a second; messages of one channel wait for each other.",
  },
  loss: {
    type: "ratio",
    default: 0.01,
    min: 0,
    max: 1,
    doc: "Messages lost, where delivery is lossy or duplicate.",
  },
  duplicates: {
    type: "ratio",
    default: 0.01,
    min: 0,
    max: 1,
    doc: "Messages that arrive twice, where delivery is duplicate.",
  },
  transport: {
    type: "text",
    default: "none",
    choices: ["none", "retransmit"],
    doc: "retransmit: acknowledges and sends again, so that a lossy channel is reliable.",
  },
  retransmit_after: {
    type: "time",
    default: 5_000_000,
    min: 1_000,
    doc: "How long the transport waits for an acknowledgement.",
  },
} as const satisfies OptionTable;

/** What one channel is like: the values of {@linkcode CHANNEL}. */
export type ChannelOptions = OptionValues<typeof CHANNEL>;
