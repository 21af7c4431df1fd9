/** Where images can be kept, as rows. */
import { storage } from "../core/mod.ts";

const retain = {
  type: "count",
  default: 0,
  min: 0,
  doc: "Checkpoints of a process, or global ones, that are kept; 0: all.",
} as const;

const dedup = {
  type: "truth",
  default: false,
  doc: "Keep each page once for all images of a node, by the hash of its content, which costs " +
    "page_hash.",
} as const;

/** The storages; the first is what a scenario has that names none. */
export const storages = [
  storage({
    name: "local",
    aliases: ["disk"],
    help:
      "The disk of the node a process is on: as fast as its profile says, lost as a crash says.",
    options: { retain, dedup },
    keep: ({ retain, dedup }) => ({ medium: "disk", retain, byContent: dedup }),
  }),
  storage({
    name: "memory",
    aliases: ["ram"],
    help:
      "The memory of the node, as diskless checkpointing has it: fast, there after the crash of " +
      "a process, and gone with its node.",
    options: {
      retain,
      dedup,
      bandwidth: {
        type: "bandwidth",
        default: 400_000_000,
        min: 1,
        doc: "Bytes a second from memory to memory.",
      },
    },
    keep: ({ retain, dedup, bandwidth }) => ({
      medium: "memory",
      retain,
      byContent: dedup,
      bandwidth,
      latency: 0,
      tornWrites: false,
    }),
  }),
  storage({
    name: "peer",
    aliases: ["buddy", "diskless"],
    help:
      "The memory of the node and of the next one, over the network: there as long as one of the " +
      "two has not crashed since.",
    options: {
      retain,
      bandwidth: {
        type: "bandwidth",
        default: 100_000_000,
        min: 1,
        doc: "Bytes a second to the memory of the next node.",
      },
      latency: { type: "time", default: 50_000, min: 0, doc: "Before the first byte of a write." },
    },
    keep: ({ retain, bandwidth, latency }) => ({
      medium: "peer",
      retain,
      bandwidth,
      latency,
      tornWrites: false,
    }),
  }),
  storage({
    name: "levels",
    aliases: ["multilevel"],
    help:
      "The memory of the node, and behind each commit, every so often, copies to the memory of " +
      "the next node, to the disk and to a server, as multi-level libraries have it.",
    options: {
      retain: {
        type: "count",
        default: 0,
        min: 0,
        doc: "Checkpoints of a process, or global ones, that are kept at each level; 0: all.",
      },
      bandwidth: {
        type: "bandwidth",
        default: 400_000_000,
        min: 1,
        doc: "Bytes a second from memory to memory.",
      },
      peer: {
        type: "count",
        default: 1,
        min: 0,
        doc:
          "The first checkpoint is copied to the next node, and each so manieth behind the last " +
          "that was, or the next that finds it free; 0: none.",
      },
      peer_bandwidth: {
        type: "bandwidth",
        default: 100_000_000,
        min: 1,
        doc: "Bytes a second to the memory of the next node.",
      },
      peer_latency: {
        type: "time",
        default: 50_000,
        min: 0,
        doc: "Before the first byte to the next node.",
      },
      disk: {
        type: "count",
        default: 4,
        min: 0,
        doc: "As `peer`, to the disk of the node, which is as fast as its profile says; 0: none.",
      },
      server: { type: "count", default: 0, min: 0, doc: "As `peer`, to a server; 0: none." },
      server_bandwidth: {
        type: "bandwidth",
        default: 12_500_000,
        min: 1,
        doc: "Bytes a second to the server.",
      },
      server_latency: {
        type: "time",
        default: 200_000,
        min: 0,
        doc: "Before the first byte to the server.",
      },
    },
    keep: ({ retain, bandwidth, peer, disk, server, ...behind }) => {
      const levels = [
        {
          medium: "peer",
          every: peer,
          bandwidth: behind.peer_bandwidth,
          latency: behind.peer_latency,
        },
        { medium: "disk", every: disk },
        {
          medium: "elsewhere",
          every: server,
          bandwidth: behind.server_bandwidth,
          latency: behind.server_latency,
        },
      ] as const;
      return {
        medium: "memory",
        retain,
        bandwidth,
        latency: 0,
        tornWrites: false,
        levels: levels.filter(({ every }) => every > 0),
      };
    },
  }),
  storage({
    name: "remote",
    aliases: ["server"],
    help:
      "A server that no crash of a node touches: what is on it outlives the disks, for a latency.",
    options: {
      retain,
      dedup,
      bandwidth: {
        type: "bandwidth",
        default: 12_500_000,
        min: 1,
        doc: "Bytes a second to the server.",
      },
      latency: { type: "time", default: 200_000, min: 0, doc: "Before the first byte of a write." },
    },
    keep: ({ retain, dedup, bandwidth, latency }) => ({
      medium: "elsewhere",
      retain,
      byContent: dedup,
      bandwidth,
      latency,
      tornWrites: false,
    }),
  }),
];
