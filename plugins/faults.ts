/** What a scenario can inject, as rows. Places in files are recorded choices. */
import { fault, type FaultNode, type FaultSite, LabError } from "../core/mod.ts";

const image = {
  type: "text",
  default: "",
  doc: "The label of a checkpoint; without it the newest image of each node.",
} as const;

const file = {
  type: "text",
  default: "any",
  choices: ["any", "manifest", "pages"],
  doc: "Which of its files.",
} as const;

const lasts = {
  type: "time",
  default: 10_000_000,
  min: 0,
  doc: "How long.",
} as const;

interface Hit {
  readonly node: FaultNode;
  readonly label: string;
  readonly file: string;
}

/** The images meant: on each node the newest, or all of one checkpoint; of each one file, drawn. */
function hits(site: FaultSite, { image, file }: { image: string; file: string }): readonly Hit[] {
  const found = site.nodes.flatMap((node) => {
    const meant = image === ""
      ? node.images.slice(-1)
      : node.images.filter(({ label }) => label === image || label.startsWith(`${image}.`));
    return meant.flatMap(({ label, files }) => {
      const some = files.filter((path) =>
        file === "any" || path.slice(path.indexOf("/") + 1).startsWith(file)
      );
      const one = some[site.below(Math.max(1, some.length))];
      return one === undefined ? [] : [{ node, label, file: one }];
    });
  });
  if (found.length > 0) return found;
  const what = image === "" ? "an image" : `an image of '${image}'`;
  const where = site.nodes.map(({ name }) => name).join(", ");
  throw new LabError(`there is no file of ${what} on ${where} that could be hit`);
}

const told = (hits: readonly Hit[]): string =>
  hits.map(({ node, label }) => `${label} on ${node.name}`).join(", ");

/** A damaged image is refused as a whole: its chunks and its manifest carry digests. */
export const faults = [
  fault({
    name: "bit-flip",
    help: "One bit of a stored image is another one, as after a failure of the medium.",
    options: { image, file },
    inject: (site, options) => {
      const found = hits(site, options);
      for (const { node, file } of found) {
        node.damage(file, (bytes) => {
          if (bytes.length === 0) return bytes;
          const at = site.below(bytes.length * 8);
          bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
          return bytes;
        });
      }
      return told(found);
    },
  }),
  fault({
    name: "torn-write",
    help: "Only the first part of a file of a stored image is there, though its writing was " +
      "acknowledged.",
    options: { image, file },
    inject: (site, options) => {
      const found = hits(site, options);
      for (const { node, file } of found) {
        node.damage(file, (bytes) => bytes.slice(0, site.below(Math.max(1, bytes.length))));
      }
      return told(found);
    },
  }),
  fault({
    name: "lost-write",
    help: "A file of a stored image is not there, though its writing was acknowledged.",
    options: { image, file },
    inject: (site, options) => {
      const found = hits(site, options);
      for (const { node, file } of found) node.damage(file, () => undefined);
      return told(found);
    },
  }),
  fault({
    name: "slow-disk",
    help: "Writes of images that begin within that time take longer.",
    options: {
      factor: { type: "count", default: 4, min: 1, max: 1_000_000, doc: "Times as long." },
      lasts,
    },
    inject: (site, { factor, lasts }) => {
      for (const node of site.nodes) node.limitDisk(site.now + lasts, factor, Infinity);
      return `${factor} times as long on ${site.nodes.map(({ name }) => name).join(", ")}`;
    },
  }),
  fault({
    name: "disk-full",
    help: "For that time only so many bytes fit on a disk: images that do not are given up.",
    options: {
      room: { type: "bytes", default: 0, min: 0, doc: "Bytes that still fit, of each process." },
      lasts,
    },
    inject: (site, { room, lasts }) => {
      for (const node of site.nodes) node.limitDisk(site.now + lasts, 1, room);
      return `${room} bytes left on ${site.nodes.map(({ name }) => name).join(", ")}`;
    },
  }),
  fault({
    name: "message-loss",
    help: "For that time a share of the frames to and from processes is lost, whatever their " +
      "channel promises; a transport sends them again.",
    options: {
      share: { type: "ratio", default: 1, min: 0, max: 1, doc: "Of the frames." },
      lasts,
    },
    inject: (site, { share, lasts }) => {
      site.disturbMessages(site.now + lasts, share, 0);
      return `${share * 100} % of the frames`;
    },
  }),
  fault({
    name: "message-duplicates",
    help:
      "For that time a share of the frames to and from processes arrives twice, whatever their " +
      "channel promises.",
    options: {
      share: { type: "ratio", default: 1, min: 0, max: 1, doc: "Of the frames." },
      lasts,
    },
    inject: (site, { share, lasts }) => {
      site.disturbMessages(site.now + lasts, 0, share);
      return `${share * 100} % of the frames`;
    },
  }),
];
