/** Storages with one mistake each. */
import { type Keeping, storage } from "../../core/mod.ts";

const retain = { type: "count", default: 0, min: 0, doc: "Checkpoints that are kept." } as const;

/** Counts how often it was asked: what no storage may do. */
const counting = (keep: (asked: number) => Keeping) => {
  let asked = 0;
  return () => keep(++asked);
};

export const isNeverThere = storage({
  name: "is-never-there",
  help: "Answers nobody.",
  options: {},
  keep: () => {
    throw new Error("no route to the server");
  },
});

export const crawls = storage({
  name: "crawls",
  help: "So slow that no checkpoint comes to its end.",
  options: {},
  keep: () => ({ medium: "elsewhere", retain: 0, bandwidth: 1 }),
});

export const saysDiskKeepsInMemory = storage({
  name: "says-disk-keeps-in-memory",
  help: "Says that it is a disk, and is gone with its node.",
  options: {},
  keep: counting((asked) => ({ medium: asked % 2 === 1 ? "disk" : "memory", retain: 0 })),
});

export const keepsOneMore = storage({
  name: "keeps-one-more",
  help: "Keeps one checkpoint more than it is told to.",
  options: { retain },
  keep: ({ retain }) => ({ medium: "disk", retain: retain === 0 ? 0 : retain + 1 }),
});

export const keepsAllAtLevels = storage({
  name: "keeps-all-at-levels",
  help: "Has a level, and forgets nothing.",
  options: { retain },
  keep: () => ({ medium: "memory", retain: 0, levels: [{ medium: "elsewhere", every: 1 }] }),
});

export const slowsDown = storage({
  name: "slows-down",
  help: "Is slower each time it is asked.",
  options: {},
  keep: counting((asked) => ({ medium: "disk", retain: 0, bandwidth: 1e8 / asked })),
});
