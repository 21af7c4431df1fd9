import { assert, assertEquals } from "@std/assert";
import { type Errno, Refusal } from "../../../core/kernel/errno.ts";
import { Console, ConsoleStream } from "../../../core/kernel/files/console.ts";
import { Directory, SymbolicLink } from "../../../core/kernel/files/directory.ts";
import { FileSystem } from "../../../core/kernel/files/file_system.ts";
import { FileTable } from "../../../core/kernel/files/file_table.ts";
import { OPEN, OpenFile } from "../../../core/kernel/files/open_file.ts";
import { Pipe, PIPE_CAPACITY } from "../../../core/kernel/files/pipe.ts";
import { RegularFile } from "../../../core/kernel/files/regular_file.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const newTree = () =>
  new FileSystem({
    now: () => ({ seconds: 7, nanoseconds: 0 }),
    random: (window) => void window.fill(4),
  });

function refused(errno: Errno, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    assert(error instanceof Refusal, String(error));
    return assertEquals(error.errno, errno);
  }
  throw new Error(`expected ${errno}, was not refused`);
}

/** A tree with a file, links to it and a loop. */
function furnished() {
  const tree = newTree();
  const file = tree.install("/home/a/file", text("hello"));
  const folder = tree.findDirectory("/home/a");
  tree.link(folder, "here", new SymbolicLink("file"));
  tree.link(folder, "up", new SymbolicLink("../a/here"));
  tree.link(folder, "absolute", new SymbolicLink("/home/a"));
  tree.link(folder, "loop", new SymbolicLink("loop"));
  tree.link(folder, "dangling", new SymbolicLink("nothing"));
  return { tree, file, folder };
}

Deno.test("tree: paths lead where they say, through links, dots and slashes", () => {
  const { tree, file, folder } = furnished();
  const paths = [
    "/home/a/file",
    "//home///a/./file",
    "/home/../home/a/file",
    "/../home/a/file",
    "/home/a/here",
    "/home/a/up",
    "/home/a/absolute/file",
    "/home/a/absolute/absolute/up",
  ];
  for (const path of paths) assertEquals(tree.find(path), file, path);
  assertEquals(tree.find("file", folder), file);
  assertEquals(tree.find("..", folder), tree.findDirectory("/home"));
  assert(tree.find("/home/a/here", tree.root, false) instanceof SymbolicLink);
  assertEquals(tree.find("/home/a/absolute/", tree.root, false), folder);
  assertEquals(tree.pathOf(folder), "/home/a");
  assertEquals(tree.pathOf(tree.root), "/");
  tree.unlink(tree.findDirectory("/home"), "a");
  refused("ENOENT", () => tree.pathOf(folder));
});

/** Paths that lead nowhere, and why. */
const WRONG: readonly (readonly [string, Errno])[] = [
  ["", "ENOENT"],
  ["/nothing", "ENOENT"],
  ["/nothing/more", "ENOENT"],
  ["/home/a/file/more", "ENOTDIR"],
  ["/home/a/file/", "ENOTDIR"],
  ["/home/a/file/..", "ENOTDIR"],
  ["/home/a/loop", "ELOOP"],
  ["/home/a/dangling", "ENOENT"],
  ["/" + "x".repeat(256), "ENAMETOOLONG"],
  ["/x".repeat(3000), "ENAMETOOLONG"],
];

for (const [path, errno] of WRONG) {
  Deno.test(`tree: '${path.slice(0, 20)}' is ${errno}`, () => {
    refused(errno, () => furnished().tree.find(path));
  });
}

Deno.test("tree: a place names what is not there yet, also behind a dangling link", () => {
  const { tree, folder } = furnished();
  assertEquals(tree.locate("/home/a/new", tree.root), {
    directory: folder,
    name: "new",
    inode: undefined,
    mustBeDirectory: false,
  });
  assertEquals(tree.locate("/home/a/dangling", tree.root).name, "nothing");
});

Deno.test("file: reads, writes, holes, truncation", () => {
  const file = new RegularFile();
  file.write(5, text("abc"));
  assertEquals([...file.bytes], [0, 0, 0, 0, 0, 97, 98, 99]);
  file.truncate(6);
  file.truncate(8);
  assertEquals([...file.bytes], [0, 0, 0, 0, 0, 97, 0, 0]);
  const window = new Uint8Array(4);
  assertEquals(file.read(6, window), 2);
  assertEquals(file.read(100, window), 0);
  refused("EFBIG", () => file.truncate(2 ** 31));
});

Deno.test("devices: null ends, zero does not, random comes from its stream", () => {
  const tree = newTree();
  const window = new Uint8Array(3).fill(9);
  assertEquals(tree.find("/dev/null").read(0, window), 0);
  assertEquals(tree.find("/dev/zero").read(0, window), 3);
  assertEquals([...window], [0, 0, 0]);
  assertEquals(tree.find("/dev/urandom").read(0, window), 3);
  assertEquals([...window], [4, 4, 4]);
  assertEquals(tree.find("/dev/null").write(0, window), 3);
});

Deno.test("mount: host files are read once, only read, and only where mounted", () => {
  const tree = newTree();
  let reads = 0;
  tree.mount("/data/host", {
    stat: (path) =>
      path === "" ? { kind: "directory" } : path === "f" ? { kind: "file" } : undefined,
    read: () => (reads++, text("host")),
    list: () => ["f"],
  });
  const file = tree.find("/data/host/f");
  assertEquals(reads, 0); // looking is not reading
  assertEquals(tree.find("/data/host/f"), file);
  assertEquals([file.size, reads, file.permissions], [4, 1, 0o444]);
  assertEquals(tree.findDirectory("/data/host").names(), ["f"]);
  refused("ENOENT", () => tree.find("/data/host/g"));
  refused("EROFS", () => file.write(0, text("x")));
  refused("EROFS", () => file.truncate(0));
  refused("EROFS", () => tree.link(tree.findDirectory("/data/host"), "n", new Directory()));
  refused("EROFS", () => tree.unlink(tree.findDirectory("/data/host"), "f"));
});

Deno.test("pipe: bytes in order, whole small writes, both ends counted", () => {
  const pipe = new Pipe();
  const reader = new OpenFile(pipe, "pipe", 0), writer = new OpenFile(pipe, "pipe", OPEN.writeOnly);
  reader.retain(), writer.retain();
  const window = new Uint8Array(8);
  assertEquals(pipe.read(0, window), "wait");
  assertEquals(pipe.write(0, text("abc")), 3);
  assertEquals(pipe.read(0, window.subarray(0, 2)), 2);
  assertEquals(reader.readiness().readable, true);
  assertEquals(pipe.write(0, new Uint8Array(PIPE_CAPACITY)), PIPE_CAPACITY - 1);
  assertEquals(pipe.write(0, text("x")), "wait");
  pipe.read(0, new Uint8Array(100));
  assertEquals(pipe.write(0, new Uint8Array(4096)), "wait");
  writer.release();
  pipe.read(0, new Uint8Array(PIPE_CAPACITY));
  assertEquals(pipe.read(0, window), 0);
  assertEquals(reader.readiness().hangup, true);
  reader.release();
  refused("EPIPE", () => pipe.write(0, text("x")));
});

Deno.test("pipe: whoever waits is woken by bytes, by room and by the other end's close", () => {
  const pipe = new Pipe();
  const reader = new OpenFile(pipe, "pipe", 0), writer = new OpenFile(pipe, "pipe", OPEN.writeOnly);
  reader.retain(), writer.retain();
  let woken = 0;
  const waiter = { wake: () => void woken++ };
  for (const act of [() => pipe.write(0, text("a")), () => writer.release()]) {
    for (const queue of pipe.queues()) queue.add(waiter);
    act();
  }
  assertEquals(woken, 2);
});

Deno.test("descriptors: lowest number first, dup shares, the last close closes", () => {
  const tree = newTree();
  const file = new OpenFile(tree.install("/f", text("x")), "/f", 0);
  const table = new FileTable(5);
  assertEquals([table.add(file, false), table.add(file, true), table.add(file, false, 4)], [
    0,
    1,
    4,
  ]);
  file.position = 3;
  assertEquals(table.get(4).position, 3);
  table.put(1, new OpenFile(tree.find("/dev/null"), "/dev/null", 0), false);
  assertEquals(file.references, 2);
  table.close(0), table.close(4);
  assertEquals(file.references, 0);
  refused("EBADF", () => table.get(0));
  refused("EBADF", () => table.put(5, file, false));
  assertEquals(table.all.map(([number]) => number), [1]);
  for (let n = 0; n < 4; n++) table.add(file, false);
  refused("EMFILE", () => table.add(file, false));
});

Deno.test("console: input in pieces, an end, a wait; output goes to its sink and is counted", () => {
  const pieces: (Uint8Array | undefined)[] = [text("abc"), undefined, text("d"), text("")];
  const heard: string[] = [];
  const console = new Console({
    input: () => pieces.shift(),
    sink: (stream, bytes) => void heard.push(`${stream} ${new TextDecoder().decode(bytes)}`),
  });
  const window = new Uint8Array(2);
  assertEquals([console.read(window), console.read(window), console.read(window)], [2, 1, "wait"]);
  assertEquals([console.read(window), console.read(window), console.read(window)], [1, 0, 0]);
  new ConsoleStream(console, "error").write(0, text("e"));
  new ConsoleStream(console, "output").write(0, text("o!"));
  assertEquals(heard, ["error e", "output o!"]);
  assertEquals({ ...console.counts }, { input: 4, output: 2, error: 1 });
});
