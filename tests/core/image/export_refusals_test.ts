/** What no other system can give back is refused by name, each row of the table. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { EXPORT_REFUSALS } from "../../../core/image/export_refusals.ts";
import { usualSettings } from "../../../core/kernel/files/console.ts";
import { OPEN } from "../../../core/kernel/files/open_file.ts";
import type { ProcessState } from "../../../core/image/process_state.ts";
import { exportImage, type Image, ImageError } from "../../../core/mod.ts";
import { imageAt } from "./frozen_fixture.ts";
import { resourcesProgram } from "./frozen_programs.ts";

const executable = resourcesProgram();
const image = imageAt({ executable }, 300);
const { process } = image.manifest;
const { files, messages, space } = process;
const [thread] = process.threads as [ProcessState["threads"][number]];

const withState = (state: Partial<ProcessState>): Image => ({
  ...image,
  manifest: { ...image.manifest, process: { ...process, ...state } },
});
const withFiles = (more: Partial<typeof files>): Image =>
  withState({ files: { ...files, ...more } });
const withCall = (more: Partial<NonNullable<typeof thread.call>>): Image => {
  const call = {
    number: 4,
    words: [1, 0, 0, 0, 0, 0],
    progress: 0,
    woken: false,
    interrupted: false,
    restarts: true,
    ...more,
  };
  return withState({ threads: [{ ...thread, call }] });
};
const nothing = new Uint8Array(0);
const entry = {
  path: "/tmp/notes",
  kind: "file" as const,
  permissions: 0o644,
  modifiedSeconds: 0,
  modifiedNanoseconds: 0,
  bytes: nothing,
};
const settings = usualSettings();
settings[0] = 1;

/** An image with each of the things that are refused, and what is said of it. */
const CASES: readonly (readonly [string, Image, string])[] = [
  ["threads", withState({ threads: [thread, thread] }), "2 threads"],
  ["stopped", withState({ stopped: true }), "been stopped by a signal"],
  ["interrupted", withCall({ number: 29, interrupted: true }), "system call 29 to leave"],
  ["half-written", withCall({ progress: 5 }), "written 5 bytes of a longer write"],
  ["timed-call", withCall({ number: 422, deadline: 9 }), "system call 422 to wait in for a time"],
  ["job", withState({ messages: { ...messages, size: 4 } }), "3 other processes"],
  [
    "messages",
    withState({
      messages: { ...messages, inbox: [{ from: 0, tag: 0, sequence: 0, bytes: nothing }] },
    }),
    "1 messages it has not read",
  ],
  ["messages", withState({ messages: { ...messages, sent: [{ to: 0, count: 1 }] } }), "sent"],
  ["messages", withCall({ number: 1003 }), "a message to wait for"],
  ["own-file", withFiles({ tree: [entry] }), "a file of its own, /tmp/notes"],
  [
    "unlinked-file",
    withFiles({ files: [{ kind: "unlinked", path: "", bytes: nothing, permissions: 0o644 }] }),
    "an open file without a name",
  ],
  [
    "folder-half-read",
    withFiles({ openFiles: [{ path: "/data", flags: OPEN.directory, position: 3, file: 0 }] }),
    "read a part of the folder /data",
  ],
  [
    "mapped-file",
    withState({
      space: {
        ...space,
        vmas: space.vmas.map((vma) => ({
          ...vma,
          backing: { path: "/data/map", offset: 0, length: 1 },
        })),
      },
    }),
    "the file /data/map in its memory",
  ],
  [
    "terminal-settings",
    withFiles({ console: { ...files.console, settings } }),
    "changed the settings of its terminal",
  ],
  [
    "typed-ahead",
    withFiles({
      console: { ...files.console, pending: Uint8Array.of(10) },
      openFiles: [{ path: "console:input", flags: OPEN.readWrite, position: 0, file: 0 }],
      files: [{ kind: "input", path: "", bytes: nothing, permissions: 0o620 }],
    }),
    "1 bytes of its terminal to read yet",
  ],
  [
    "ids",
    withState({ credentials: { ...process.credentials, effectiveUserId: 7 } }),
    "changed its",
  ],
  [
    "limits",
    withState({ limits: { ...process.limits, openFiles: { soft: 10, hard: 4096 } } }),
    "changed its limit 'openFiles'",
  ],
];

for (const [name, refused, what] of CASES) {
  Deno.test(`a process that has ${what} is not exported: ${name}`, () => {
    const { message } = assertThrows(() => exportImage(refused, executable), ImageError);
    const begin = `the process cannot become an executable (${name}): it has `;
    assert(message.startsWith(begin) && message.includes(what), message);
  });
}

Deno.test("every refusal is tried", () => {
  const names = new Set(CASES.map(([name]) => name));
  assertEquals([...names], EXPORT_REFUSALS.map(({ name }) => name));
});

Deno.test("a process that leaves no room for the loader below its heap is not exported", () => {
  const { vmas } = space;
  const full = { ...vmas[0] as typeof vmas[number], start: 0x10000, end: 0x400000 };
  const filled = withState({ space: { ...space, vmas: [full, ...vmas] } });
  const { message } = assertThrows(() => exportImage(filled, executable), ImageError);
  assert(message.startsWith("the process cannot become an executable (no-room): "), message);
});

Deno.test("pages left to a parent are not made up", () => {
  const manifest = { ...image.manifest, parent: { image: "before", identity: "0".repeat(64) } };
  const pages = image.pages.map(({ vpn, dirty }) => ({ vpn, dirty, source: "parent" as const }));
  const { message } = assertThrows(() => exportImage({ manifest, pages }, executable), ImageError);
  const begin = "the process cannot become an executable (parent): expected an image with all its ";
  assert(message.startsWith(begin) && message.includes("its parent 'before'"), message);
});

Deno.test("pages left to the executable are not made up", () => {
  const pages = image.pages.map(({ vpn, dirty }, n) =>
    n === 0
      ? { vpn, dirty, source: "executable" as const }
      : image.pages[n] as typeof image.pages[0]
  );
  assertThrows(() => exportImage({ ...image, pages }, undefined), ImageError, "is not there");
  const other = executable.slice(0, -1);
  assertThrows(() => exportImage({ ...image, pages }, other), ImageError, "has changed");
});
