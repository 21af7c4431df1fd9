/** What an author waits for: checking from the command line, and an editor's server that answers. */
import { Editor } from "../dsl/editor/lsp_client.ts";
import type { Sheet } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import { ROOT, runProcess } from "./whole_process.ts";

const SCRIPT = Deno.readTextFileSync(`${ROOT}scenarios/17_what_a_crash_takes.ckpt`);

/** One scenario of 19 lines and three cells. */
const scenario = (number: number): string =>
  `scenario "crash ${number}" @a${number % 7} {
  matrix {
    n in [1, 2, 4]
  }
  node host[2] { clock: 200MHz, ram: 4MiB }
  proc p[2] on host runs bank { transfers: 60, accounts: 16 }
  channel all { order: "any", latency: uniform(20us, 500us) }
  protocol message_counting
  checkpointer concurrent_cow { cow_slots: n }
  at 5ms            checkpoint all as g
  when g.committed  crash host[1] losing unsynced
  after 1ms         restart all
  until p.exited
  expect g.orphans == 0 and g.lost == 0
  expect sum(p.value("balance")) == 2 * 16 * 1000
  expect p.output == undisturbed.p.output  as "nobody could tell"
  law g.protocol_messages == 5 * 2         as "SYNC, ACK, OP, DONE, COMMIT"
}

`;

/** A script of at least so many lines. */
const longScript = (lines: number): string =>
  "ckpt 1\n" + Array.from({ length: Math.ceil(lines / 19) }, (_, i) => scenario(i)).join("");

const check = (file: string): number =>
  runProcess(Deno.execPath(), ["run", "--allow-read", "--allow-env", "mod.ts", "check", file])
    .seconds;

async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** An editor with one file: its start, the answers to a key, a completion, a hover. */
async function answers(title: string, text: string, pairs: number, sheet: Sheet): Promise<void> {
  const uri = "file:///bench.ckpt";
  const start: number[] = [], said: number[] = [], completed: number[] = [], told: number[] = [];
  const editor = new Editor();
  start.push(await milliseconds(() => editor.initialize("/tmp/nothing")));
  await editor.open(uri, text);
  await editor.diagnostics(uri);
  for (let n = 0; n < 4 * pairs; n++) {
    const [old, now] = n % 2 === 0 ? ["losing unsynced", "losing disk"] : [
      "losing disk",
      "losing unsynced",
    ];
    said.push(
      await milliseconds(async () => {
        const version = await editor.edit(uri, old, now);
        await editor.diagnostics(uri, version);
      }),
    );
    const place = "expect g.";
    completed.push(await milliseconds(() => editor.at("textDocument/completion", uri, place)));
    told.push(await milliseconds(() => editor.at("textDocument/hover", uri, "losing")));
  }
  await editor.quit();
  sheet.figure(`${title}: server, start to first answer`, "ms", start);
  sheet.figure(`${title}: key to diagnostics, 40 ms of them waiting`, "ms", said);
  sheet.figure(`${title}: completion of a metric`, "ms", completed);
  sheet.figure(`${title}: hover`, "ms", told);
}

/** The part. */
export async function editor({ pairs, quick }: BenchOptions, sheet: Sheet): Promise<void> {
  sheet.progress("editor: check from the command line");
  const chapter = "scenarios/17_what_a_crash_takes.ckpt";
  check(chapter);
  const once = Array.from({ length: pairs }, () => check(chapter));
  sheet.figure("check of one chapter, whole process", "s", once);
  const lines = quick ? 1_000 : 10_000;
  const file = Deno.makeTempFileSync({ suffix: ".ckpt" });
  try {
    Deno.writeTextFileSync(file, longScript(lines));
    const long = Array.from({ length: pairs }, () => check(file));
    sheet.figure(`check of ${lines} lines, whole process`, "s", long);
  } finally {
    Deno.removeSync(file);
  }
  sheet.progress("editor: a server over standard input and output");
  const size = SCRIPT.split("\n").length;
  await answers(
    `${size} lines`,
    SCRIPT.replace('include "lib/clusters.ckpt"', PROFILE),
    pairs,
    sheet,
  );
  if (!quick) await answers("1000 lines", longScript(1_000), pairs, sheet);
}

/** What the chapter includes, so that it can be opened anywhere. */
const PROFILE = "profile small { ram: 4MiB }";
