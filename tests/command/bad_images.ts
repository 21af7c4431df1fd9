/**
 * Images that must be refused: damaged ones, and forged ones, whose hashes all fit but whose
 * process state no program was ever in.
 */
import { encode, type Image } from "../../core/mod.ts";
import { EXIT } from "../../dsl/exit.ts";
import type { BadRow, More } from "./bad_row.ts";
import { forged, imageFiles, PROGRAM, takeImage } from "./images.ts";
import { type Files, guest } from "./workshop.ts";

/** The good image of a program that lies in the folder of the test. */
const good = (folder: string, checkpointer = "stop-the-world"): Image =>
  takeImage(checkpointer, `${folder}/${PROGRAM}`);

const program: Files = { [PROGRAM]: guest("counter") };

const row = (
  name: string,
  says: string,
  files: (folder: string) => Files,
  more: More = {},
): BadRow => ({
  name: `image: ${name}`,
  args: ["exec", "--restore", "@/image"],
  files,
  exit: EXIT.script,
  says: ["error: ", ...says.split("|")],
  ...more,
});

const MANIFEST = "image/manifest.ckpt", CHUNK = "image/pages-0000.bin";

/** A good image with one of its files replaced or, by nothing, taken away. */
function changed(folder: string, name: string, by: (bytes: Uint8Array) => Uint8Array | undefined) {
  const files: Record<string, string | Uint8Array | undefined> = {
    ...program,
    ...imageFiles("image", encode(good(folder))),
  };
  const bytes = by(files[name] as Uint8Array);
  if (bytes === undefined) delete files[name];
  else files[name] = bytes;
  return files;
}

const another = (): Uint8Array =>
  imageFiles("image", encode(takeImage("stop-the-world", "other.elf")))[MANIFEST] as Uint8Array;

const concurrent = (folder: string): Files =>
  imageFiles("image", encode(good(folder, "concurrent-cow")));

const DAMAGED: readonly BadRow[] = [
  row("no folder", "@/image: cannot list the folder: there is no such", () => ({}), {
    child: true,
  }),
  row("an empty folder", "expected a file 'manifest.ckpt', found nothing", () => ({
    image: undefined,
  })),
  row("a folder with other files", "expected a file 'manifest.ckpt', found a.txt, b.txt", () => ({
    "image/a.txt": "a",
    "image/b.txt": "b",
  })),
  row("a file", "@/image: cannot list the folder: a file is where", () => ({ image: "text" })),
  row(
    "no manifest",
    "@/image: expected a file 'manifest.ckpt', found pages-0000.bin",
    (folder) => changed(folder, MANIFEST, () => undefined),
  ),
  row(
    "an empty manifest",
    "manifest.ckpt: expected a file that begins|an empty file",
    (folder) => changed(folder, MANIFEST, () => new Uint8Array()),
  ),
  row(
    "a manifest that is text",
    "manifest.ckpt: expected a file that begins with",
    (folder) => changed(folder, MANIFEST, () => new TextEncoder().encode("hello".repeat(50))),
  ),
  row(
    "a manifest of a later version",
    "image format version 2, found version 3",
    (folder) =>
      changed(folder, MANIFEST, (bytes) => Uint8Array.from(bytes, (b, i) => i === 8 ? 3 : b)),
  ),
  row(
    "a manifest with a byte changed",
    "manifest.ckpt: expected SHA-256",
    (folder) =>
      changed(folder, MANIFEST, (bytes) => Uint8Array.from(bytes, (b, i) => i === 99 ? ~b : b)),
    {
      child: true,
    },
  ),
  row("a manifest that is a folder", "@/image: expected a file 'manifest.ckpt'", () => ({
    [MANIFEST]: undefined,
  })),
  row(
    "no chunk",
    "@/image/pages-0000.bin: expected a chunk of|found no such file",
    (folder) => changed(folder, CHUNK, () => undefined),
  ),
  row(
    "a chunk cut short",
    "pages-0000.bin: expected 20480 bytes, found 4096",
    (folder) => changed(folder, CHUNK, (bytes) => bytes.subarray(0, 4096)),
  ),
  row(
    "a chunk with pages exchanged",
    "pages-0000.bin: expected SHA-256",
    (folder) =>
      changed(folder, CHUNK, (bytes) => {
        const [first, rest] = [bytes.slice(0, 4096), bytes.slice(4096)];
        return Uint8Array.from([...rest, ...first]);
      }),
  ),
  row("a chunk too many", "pages-0007.bin: expected the 1 chunks", (folder) => ({
    ...changed(folder, CHUNK, (bytes) => bytes),
    "image/pages-0007.bin": new Uint8Array(4096),
  })),
  row("a chunk of another image", "pages-0000.bin: expected SHA-256", (folder) => ({
    ...changed(folder, CHUNK, () => new Uint8Array(20480).fill(7)),
    [MANIFEST]: another(),
  })),
  row("the executable is gone", "cannot read the program '@/counter.elf'|put it back", concurrent, {
    child: true,
  }),
  row("the executable has changed", "the executable '@/counter.elf' has changed", (folder) => ({
    ...concurrent(folder),
    [PROGRAM]: guest("echo"),
  })),
  row("the executable is cut short", "'@/counter.elf' has changed|found 100 bytes", (folder) => ({
    ...concurrent(folder),
    [PROGRAM]: guest("counter").subarray(0, 100),
  })),
];

/** One way to forge a process state: what to put where, given the good state. */
export interface Forgery {
  readonly name: string;
  readonly says: string;
  readonly forge: (image: Image) => Image;
}

const state = (
  name: string,
  says: string,
  changes: Readonly<Record<string, unknown>>,
): Forgery => ({
  name,
  says,
  forge: (image) => forged(image, changes),
});

const entry = (path: string, kind = "file", content = "") => ({
  path,
  kind,
  permissions: 0o644,
  modifiedSeconds: 1,
  modifiedNanoseconds: 0,
  bytes: new TextEncoder().encode(content),
});

/** Entries behind those of the good tree, which are /dev, /tmp, /home and /etc. */
const tree = (name: string, says: string, ...entries: readonly unknown[]): Forgery =>
  state(
    name,
    says,
    Object.fromEntries(entries.map((each, index) => [`files.tree.${4 + index}`, each])),
  );

const file = (path: string) => ({
  kind: "tree",
  path,
  bytes: new Uint8Array(),
  permissions: 0o644,
});

export const FORGERIES: readonly Forgery[] = [
  state("a text for a number", "field process.umask: expected a whole number", { umask: "18" }),
  state("a field missing", "field process.cwd: expected a text, found nothing", { cwd: undefined }),
  state("a field too many", "field process.frame: expected no field of this name", { frame: 7 }),
  state("15 registers", "registers.r: expected a list of 16, found a list of 15", {
    "threads.0.registers.r": new Array(15).fill(0),
  }),
  state("a register below zero", "threads[0].registers.fr[3]: expected a whole number from 0", {
    "threads.0.registers.fr.3": -1,
  }),
  state("a pc of 33 bits", "threads[0].registers.pc: expected a whole number", {
    "threads.0.registers.pc": 2 ** 32,
  }),
  state("a signal mask of three digits", "mask: expected 16 hexadecimal digits", {
    "threads.0.mask": "abc",
  }),
  state("no threads", "field process.threads: expected at least one, found none", { threads: [] }),
  {
    name: "a thread twice",
    says: "field process.threads[1].id: expected each thread once, found 100 a second time",
    forge: (image) => forged(image, { "threads.1": image.manifest.process.threads[0] }),
  },
  state("63 signal actions", "field process.actions: expected a list of 64", {
    actions: [],
  }),
  state("a huge process number", "field process.id: expected a number up to", { id: 2 ** 40 }),
  state("a huge count of instructions", "field process.instructions: expected at most", {
    instructions: Number.MAX_SAFE_INTEGER,
  }),
  state("a clock that stands", "field process.clockHz: expected a whole number of at least 1", {
    clockHz: 0,
  }),
  state("a clock too far on", "field process.clock: expected a moment within", {
    clock: 2 ** 52,
    clockHz: 1,
  }),
  state("a timer too far on", "field process.timers.real.at: expected a moment within", {
    "timers.real": { at: Number.MAX_SAFE_INTEGER, interval: 1 },
  }),
  state("fewer bytes than none", "files.console.output: expected a whole number of at least 0", {
    "files.console.output": -1,
  }),
  state("areas that overlap", "field process.space.vmas[1]: expected an area from 0x00402000", {
    "space.vmas.1.start": 0x401000,
  }),
  state("an area beyond user space", "vmas[3]: expected user addresses below 0x7c000000", {
    "space.vmas.3.end": 0x7d000000,
  }),
  state("an area in page 0", "field process.space.vmas[0]: expected an area from 0x00001000", {
    "space.vmas.0.start": 0,
  }),
  state("half a page", "vmas[3]: expected whole pages of 4096 bytes", {
    "space.vmas.3.end": 0x7bfff800,
  }),
  state("an area that ends before it begins", "vmas[3]: expected whole pages", {
    "space.vmas.3.end": 0x7bf00000,
  }),
  state("half a page of a file", "vmas[1].backing.offset: expected a multiple of the page", {
    "space.vmas.1.backing.offset": 100,
  }),
  state("a heap that ends before it begins", "field process.space.heapEnd: expected an end after", {
    "space.heapEnd": 0x1000,
  }),
  state("a stack beyond user space", "field process.space.stackTop: expected a user address", {
    "space.stackTop": 0x7fffffff,
  }),
  state("a page outside every area", "page 0x7bfff000: expected a page of one of the areas", {
    "space.vmas.3.end": 0x7bfff000,
  }),
  state("no areas", "page 0x00400000: expected a page of one of the areas", { "space.vmas": [] }),
  {
    name: "a page of no file that the executable should have",
    says: "page 0x7bfff000: expected an area of the executable, found one of kind 'stack'",
    forge: (image) => ({
      ...image,
      pages: image.pages.map(({ vpn, dirty, source, bytes }) =>
        vpn === 0x7bfff
          ? { vpn, dirty, source: "executable" as const }
          : { vpn, dirty, source, ...(bytes === undefined ? {} : { bytes }) }
      ),
    }),
  },
  {
    name: "more pages than memory",
    says: "free pages of memory, too few for the image's",
    forge: (image) => ({
      ...forged(image, { "space.vmas.3.start": 0x10000000 }),
      pages: [
        ...image.pages.filter(({ vpn }) => vpn < 0x10000),
        ...Array.from({ length: 70_000 }, (_, i) => ({
          vpn: 0x10000 + i,
          source: "image" as const,
          dirty: true,
          bytes: NO_PAGE,
        })),
      ],
    }),
  },
  state("a file mapped that is not there", "the process had '/tmp/map' mapped, but it is not", {
    "space.vmas.1.backing.path": "/tmp/map",
  }),
  state("a folder mapped", "the process had '/tmp' mapped, but it is not there", {
    "space.vmas.1.backing.path": "/tmp",
  }),
  state("a descriptor that leads nowhere", "files.descriptors[1].openFile: expected the place", {
    "files.descriptors.1.openFile": 99,
    "files.tree.4": entry("/tmp/new"),
  }),
  state("a descriptor twice", "files.descriptors[1].number: expected each number once", {
    "files.descriptors.1.number": 0,
    "files.tree.4": entry("/tmp/new"),
  }),
  state("an open file that leads nowhere", "files.openFiles[2].file: expected the place of one", {
    "files.openFiles.2.file": 3,
    "files.tree.4": entry("/tmp/new"),
  }),
  state("an open file that is not there", "/tmp/none: the process had this file open", {
    "files.files.0": file("/tmp/none"),
    "files.tree.4": entry("/tmp/new"),
  }),
  state("a pipe too full", "files.files[0].bytes: expected at most 65536 bytes in a pipe", {
    "files.files.0": { ...file(""), kind: "pipe", bytes: new Uint8Array(65537) },
  }),
  tree("a path that is not absolute", "files.tree[4].path: expected an absolute", entry("a")),
  tree("a path that leads upwards", "tree[4].path: expected an absolute", entry("/tmp/../a")),
  tree("a path with a hole", "tree[4].path: expected an absolute path", entry("/tmp//a")),
  tree("a name for the root", "files.tree[4].path: expected an absolute path", entry("/")),
  tree("a path twice", "tree[5].path: expected each path once", entry("/a"), entry("/a")),
  tree("a file before its folder", "tree[4].path: expected folders before", entry("/a/b")),
  tree(
    "a file in a file",
    "files.tree[5].path: expected folders before what is in them",
    entry("/tmp/new"),
    entry("/tmp/new/b"),
  ),
  tree(
    "another name of nothing",
    "files.tree[5].bytes: expected the path of a file listed before",
    entry("/tmp/new"),
    entry("/a", "same", "/b"),
  ),
  tree(
    "another name of a folder",
    "files.tree[4].bytes: expected the path of a file listed before, found a folder",
    entry("/tmp/loop", "same", "/tmp"),
  ),
];

const NO_PAGE = new Uint8Array(4096);

const FORGED: readonly BadRow[] = FORGERIES.map(({ name, says, forge }) =>
  row(`forged, ${name}`, says, (folder) => ({
    ...program,
    ...imageFiles("image", encode(forge(good(folder)))),
  }))
);

/** The process had a file of its own where now a folder of the host is mounted. */
const COVERED = row("its file lies below a mount", "/tmp/own: |'/tmp' is mounted from the host", (
  folder,
) => ({
  ...program,
  ...imageFiles("image", encode(forged(good(folder), { "files.tree.4": entry("/tmp/own") }))),
  "host/other": "text",
}), { args: ["exec", "--mount", "/tmp=@/host", "--restore", "@/image"] });

/** Names out of an image must not break the line, nor steer the terminal. */
const STEERING = row("a name that steers the terminal", "cannot read the program '@/a b [31mc'", (
  folder,
) => imageFiles("image", encode(takeImage("concurrent-cow", `${folder}/a\nb\x1b[31mc`))));

export const BAD_IMAGES: readonly BadRow[] = [...DAMAGED, ...FORGED, COVERED, STEERING];
