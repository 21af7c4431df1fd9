/** What published systems do not save: each row of the table is found, and nothing else is. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ProcessState } from "../../core/image/process_state.ts";
import { type Refusal, refusedBy, SIGNALS } from "../../core/mod.ts";
import { CONDOR_REFUSALS, sockets } from "../../plugins/checkpointers/refusals.ts";
import { checkpointers } from "../../plugins/mod.ts";
import { imageAt } from "../core/image/frozen_fixture.ts";
import { registersProgram } from "../core/image/frozen_programs.ts";

const { manifest } = imageAt({ executable: registersProgram(1).bytes }, 50);
const { process } = manifest;
const [thread] = process.threads as [ProcessState["threads"][number]];
const [vma] = process.space.vmas as [ProcessState["space"]["vmas"][number]];
const call = {
  number: 407,
  words: [0, 0, 0, 0, 0, 0],
  progress: 0,
  woken: false,
  interrupted: false,
  restarts: true,
};
const message = { from: 1, tag: 0, sequence: 0, bytes: new Uint8Array(0) };
const pipe = { kind: "pipe", path: "", bytes: new Uint8Array(0), permissions: 0o600 } as const;

/** The actions with one that is not the usual one. */
const handling = (signal: number): ProcessState["actions"] =>
  process.actions.map((action, n) => n === signal - 1 ? { ...action, handler: 0x400000 } : action);
const mapped = (path: string, shared: boolean): Partial<ProcessState> => ({
  space: {
    ...process.space,
    vmas: [...process.space.vmas, {
      ...vma,
      shared,
      backing: { path, offset: 0, length: 4096 },
    }],
  },
});

const said = (refusals: readonly Refusal[], state: Partial<ProcessState>): string | undefined =>
  refusedBy(refusals, { ...manifest, process: { ...process, ...state } });

/** A state with each of the things that are refused, and what is said of it. */
const CASES: readonly (readonly [string, Partial<ProcessState>, string])[] = [
  ["pipes", { files: { ...process.files, files: [pipe] } }, "an open pipe"],
  [
    "sockets",
    { messages: { ...process.messages, size: 3, sent: [{ to: 1, count: 1 }] } },
    "sent messages to other processes",
  ],
  [
    "sockets",
    { messages: { ...process.messages, inbox: [message] } },
    "of other processes to read",
  ],
  ["reserved-signals", { actions: handling(SIGNALS.SIGUSR2) }, "its own for SIGUSR2"],
  ["reserved-signals", { actions: handling(SIGNALS.SIGTSTP) }, "its own for SIGTSTP"],
  [
    "timers",
    { timers: { ...process.timers, virtual: { at: 9, interval: 0 } } },
    "set its virtual timer",
  ],
  [
    "timers",
    { threads: [{ ...thread, call: { ...call, deadline: 9 } }] },
    "a wait for a time (system call 407)",
  ],
  ["threads", { threads: [thread, thread] }, "2 threads"],
  ["mapped-files", mapped("/data/table", false), "the file /data/table in its memory"],
  ["mapped-files", mapped(manifest.executable.path, true), "in its memory"],
];

for (const [name, state, what] of CASES) {
  Deno.test(`condor does not save a process that has ${what}`, () => {
    const found = said(CONDOR_REFUSALS, state);
    assert(found?.startsWith(`(${name}): it has `) === true, found);
    assertStringIncludes(found ?? "", what);
  });
}

Deno.test("every refusal of condor is tried, and points at its manual", () => {
  const names = new Set(CASES.map(([name]) => name));
  assertEquals([...names], CONDOR_REFUSALS.map(({ name }) => name));
  for (const { why } of CONDOR_REFUSALS) assert(/\(item \d\)$/.test(why), why);
});

Deno.test("a plain process is refused by nobody, and neither is what condor allows", () => {
  for (const { name, refuses = [] } of checkpointers) {
    assertEquals(said(refuses, {}), undefined, name);
  }
  // Other signals may be handled, a call may wait without a limit, the executable is mapped.
  const waiting = { threads: [{ ...thread, call }] };
  const allowed = [{ actions: handling(SIGNALS.SIGUSR1) }, waiting, mapped("/bin/none", false)];
  const [handles, waits] = allowed as [Partial<ProcessState>, Partial<ProcessState>];
  assertEquals(said(CONDOR_REFUSALS, handles), undefined);
  assertEquals(said(CONDOR_REFUSALS, waits), undefined);
  assertEquals(said(CONDOR_REFUSALS, mapped(manifest.executable.path, false)), undefined);
});

Deno.test("a process of a job that has sent nothing yet is saved by who knows no sockets", () => {
  const refusals = [sockets("there are none")];
  const messages = { ...process.messages, size: 3 };
  assertEquals(said(refusals, { messages }), undefined);
  const sent = { ...messages, sent: [{ to: 2, count: 4 }] };
  const found = said(refusals, { messages: sent });
  assertEquals(found, "(sockets): it has sent messages to other processes; there are none");
});
