/** A folder of the host as a place for images, and what it says when it cannot be one. */
import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../../core/image/codec.ts";
import { DenoDirectory } from "../../../core/image/deno_directory.ts";
import { DirectoryStore } from "../../../core/image/directory_store.ts";
import { writingFolder } from "../../../core/image/directory_store_folder.ts";
import { ImageError } from "../../../core/image/image.ts";
import { allSteps, type Directory } from "../../../core/image/store.ts";
import { smallImage } from "./sample.ts";

function inFolder(name: string, run: (path: string) => void): void {
  Deno.test(name, () => {
    const path = Deno.makeTempDirSync();
    try {
      run(path);
    } finally {
      Deno.removeSync(path, { recursive: true });
    }
  });
}

const write = (folder: Directory, seed = 1) =>
  allSteps(writingFolder(folder, "x", smallImage(seed), { pagesPerChunk: 2 }));

inFolder("a folder can be one image", (path) => {
  const folder = new DenoDirectory(`${path}/a/b`);
  write(folder);
  const names = ["manifest.ckpt", "pages-0000.bin", "pages-0001.bin"];
  assertEquals([...Deno.readDirSync(`${path}/a/b`)].map((entry) => entry.name).sort(), names);
  assertEquals(folder.files(), names);
  assertEquals(decode(new DenoDirectory(`${path}/a/b`)), smallImage());
});

inFolder("a folder that holds an image is not written over", (path) => {
  const folder = new DenoDirectory(path);
  write(folder);
  assertThrows(() => write(folder, 2), ImageError, `${path}: expected a folder without an image`);
  assertEquals(decode(folder), smallImage(1));
});

inFolder("what a broken-off writing left is cleared, other files stay", (path) => {
  const folder = new DenoDirectory(path);
  Deno.writeTextFileSync(`${path}/notes.txt`, "mine");
  for (const name of ["pages-0000.bin", "pages-0007.bin", "manifest.ckpt.new"]) {
    Deno.writeTextFileSync(`${path}/${name}`, "half");
  }
  assertThrows(() => decode(folder), ImageError, "no checkpoint was completed here");
  const steps = [...writingFolder(folder, "x", smallImage(), {})];
  assertEquals(steps.filter((step) => step.action === "clear").length, 3);
  assertEquals(decode(folder), smallImage());
  assertEquals(Deno.readTextFileSync(`${path}/notes.txt`), "mine");
});

const REFUSED: readonly (readonly [string, (path: string) => unknown, string])[] = [
  [
    "reading where there is no folder",
    (path) => decode(new DenoDirectory(`${path}/none`)),
    "/none: cannot list the folder: there is no such file or folder; check the path",
  ],
  [
    "reading a file as a folder",
    (path) => decode(new DenoDirectory(`${path}/file`)),
    "/file: cannot list the folder: a file is where a folder was expected",
  ],
  [
    "reading an empty folder",
    (path) => decode(new DenoDirectory(path).folder("empty")),
    "/empty: expected a file 'manifest.ckpt', found nothing; no checkpoint was completed here",
  ],
  [
    "writing where a file is",
    (path) => write(new DenoDirectory(`${path}/file`)),
    "/file: cannot list the folder: a file is where",
  ],
  [
    "writing below a file",
    (path) => write(new DenoDirectory(`${path}/file/below`)),
    "/file/below: cannot look at the folder: a file is where",
  ],
  [
    "making a folder where a file is",
    (path) => new DenoDirectory(`${path}/file`).create(),
    "/file: cannot make the folder: something of that name is in the way",
  ],
  [
    "writing a chunk where a folder is",
    (path) => {
      Deno.mkdirSync(`${path}/empty/pages-0000.bin`);
      write(new DenoDirectory(`${path}/empty`));
    },
    "/empty/pages-0000.bin: cannot write: a folder is where a file was expected",
  ],
  [
    "a chunk that cannot be reached",
    (path) => {
      Deno.symlinkSync("loop", `${path}/loop`);
      new DenoDirectory(path).read("loop");
    },
    "/loop: cannot read: symbolic links go in circles",
  ],
  [
    "a name too long for the host",
    (path) => new DenoDirectory(path).write("x".repeat(300), new Uint8Array(1)),
    ": cannot write: the host says 'File name too long'",
  ],
  [
    "removing a folder that is not empty",
    (path) => new DenoDirectory(path).folder("..").removeFolder(path.split("/").at(-1) as string),
    ": cannot remove the folder: the host says 'Directory not empty'",
  ],
  [
    "renaming what is not there",
    (path) => new DenoDirectory(path).rename("a", "b"),
    "/a: cannot rename: there is no such file",
  ],
  [
    "syncing what is not there",
    (path) => new DenoDirectory(path).sync("a"),
    "/a: cannot make durable: there is no such file",
  ],
  ["a folder that went away", (path) => new DenoDirectory(`${path}/none`).syncFolder(), "/none: c"],
  [
    "removing what is not there",
    (path) => new DenoDirectory(path).remove("a"),
    "/a: cannot remove",
  ],
];

for (const [what, act, message] of REFUSED) {
  inFolder(`refused in a sentence: ${what}`, (path) => {
    Deno.writeTextFileSync(`${path}/file`, "x");
    Deno.mkdirSync(`${path}/empty`);
    const error = assertThrows(() => act(path), ImageError, message);
    assertEquals(error.message.includes("os error"), false);
  });
}

Deno.test({
  name: "refused in a sentence: a program without access",
  permissions: { read: true, write: false },
  fn() {
    const folder = new DenoDirectory("never-made");
    assertThrows(() => write(folder), ImageError, "started without access to it; allow it with");
    assertEquals(new DirectoryStore(folder).labels(), []);
  },
});
