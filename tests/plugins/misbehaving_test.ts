/** Plugins that break the contract are named, with what they did and where, and nothing else suffers. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { loadPlugin } from "../../mod.ts";
import { inProcess, prepare, temporary } from "../command/workshop.ts";

const MODULE = new URL("./misbehaving.ts", import.meta.url).href;

// As the command does it: the guard is up before the module is evaluated.
const misbehaving = await loadPlugin(MODULE);

/** Runs a scenario of two processes with these lines; what was said and the exit code. */
async function run(lines: readonly string[], flags: readonly string[] = []) {
  using folder = temporary();
  const text = [
    "ckpt 1",
    `use "${MODULE}" as bad`,
    'scenario "s" {',
    `node n[2] ${lines.includes(ALONE) ? "{ message: 1cycles }" : ""}`,
    ...lines,
    `at ${lines.includes(WRITER) ? "5ms" : "200us"} checkpoint all as c`,
    "expect c.committed",
    "}",
    'scenario "the lab is in order" {',
    "node n",
    "proc p on n runs josephus",
    "at 1ms checkpoint p as c",
    "expect c.committed",
    "}",
  ].join("\n");
  prepare(folder.path, { "script.ckpt": text });
  const args = ["run", "--jobs", "1", ...flags, `${folder.path}/script.ckpt`];
  const { code, out, err } = await inProcess(args);
  return { code, out: out + err };
}

const PROGRAM = "proc p[2] on n runs bad.good";
/**
 * Of a million steps each takes virtual time, in rounds of the network: so one process, and messages
 * that cost one cycle.
 */
const ALONE = "proc p[1] on n runs bad.good";
const WRITER = "proc p[2] on n runs josephus { people: 40000 }";

/** What is said of a row: the hook it happened in, and what it did. */
const SAID: Readonly<Record<string, RegExp>> = {
  reads_the_clock: /used Date\.now, which is refused \(CK0610: .* in capture/,
  reads_a_clock_it_kept: /used Date\.now, which is refused \(CK0610/,
  makes_a_date: /used new Date\(\), which is refused/,
  calls_date: /used Date\(\), which is refused/,
  reads_performance: /used performance\.now, which/,
  asks_temporal: /used Temporal\.Now\.instant, which/,
  formats_the_present: /used Intl\.DateTimeFormat\.format\(\) without a time, which/,
  formats_parts_of_it: /used Intl\.DateTimeFormat\.formatToParts\(\) without a time, which/,
  makes_a_file: /used new File\(\) without lastModified, which/,
  takes_a_chance: /used Math\.random, which/,
  takes_a_chance_it_kept: /used Math\.random, which/,
  takes_bytes: /used crypto\.getRandomValues, which/,
  takes_an_id: /used crypto\.randomUUID, which/,
  sets_a_timer: /used setTimeout, which/,
  repeats: /used setInterval, which/,
  waits_a_turn: /used queueMicrotask, which/,
  fetches: /used fetch, which/,
  reads_a_file: /used Deno\.readTextFileSync, which/,
  reads_a_file_by_what_it_kept: /used Deno\.readTextFileSync, which/,
  writes_a_file: /used Deno\.writeTextFileSync, which/,
  connects: /used Deno\.connect, which/,
  starts_a_program: /used new Deno\.Command, which/,
  asks_what_node_calls_its_process: /used process\.hrtime, which/,
  begins_a_worker: /used new Worker, which/,
  ends_the_process: /used Deno\.exit, which/,
  hides_what_it_did: /used Date\.now, which is refused/,
  throws: /threw: no such page, in capture/,
  throws_a_text: /threw: up, in capture/,
  marks_a_page: /threw: Cannot redefine property: length, in capture/,
  marks_pages_as_saved: /some pages are neither captured nor protected/,
  changes_its_options: /threw: Cannot assign to read only property 'size'.* in capture/,
  promises: /answered a promise: nothing is awaited .* in capture/,
  answers_nothing: /answered undefined instead of a generator of steps in capture/,
  yields_nothing: /yielded 'undefined'; possible there: stop, list, save/,
  yields_for_ever: /yields steps without end/,
  makes_pages_up: /its page is not one of those listed last/,
  forgets_to_commit: /ended without the step 'commit'/,
  lies_about_its_price: /declares 3 control messages for 0 write faults, but sent 0/,
  has_no_price: /answered NaN instead of a whole number of 0 or more in controlMessages/,
  promises_a_price: /answered a promise.* in controlMessages/,
  refuses_by_a_number: /answered 3 instead of a text of one line, or nothing in refuses \(all\)/,
  throws_in_a_refusal: /threw: not this one, in refuses \(all\)/,
  lets_a_page_slip: /let page 0x\w+ be written before it was captured/,
  reads_the_clock_in_a_fault: /used Date\.now.* in onFirstWrite/,
  throws_in_a_fault: /threw: not now, in onFirstWrite/,
  clocked: /used Date\.now.* in handle \(requested\)/,
  chancy: /used Math\.random.* in handle \(requested\)/,
  throwing: /threw: no line today, in handle \(requested\)/,
  promising: /answered a promise.* in handle \(requested\)/,
  forgetful: /what is no plain data \(it is a Map\) in handle/,
  circular: /what is no plain data \(it\.itself is a part of itself\) in handle/,
  functional: /what is no plain data \(it\.saved is a function\) in handle/,
  changing: /threw: Cannot assign to read only property 'saved'.* in handle/,
  talking: /threw: more than 65536 effects of one event, in handle/,
  sending: /what is no plain data \(it\.what is a Set\) in handle/,
  sizeless: /answered -1 instead of a whole number of 0 or more in size/,
  unborn: /answered undefined instead of a state of plain data in member/,
  stillborn: /threw: not me, in member/,
};

const { checkpointers = [], protocols = [] } = misbehaving.contributes;

Deno.test("every row that misbehaves is tried", () => {
  const rows = [...checkpointers, ...protocols].map(({ name }) => name);
  assertEquals(rows.sort(), Object.keys(SAID).sort());
});

/** One of each kind of misdeed: how it comes out of a Worker is the same for all. */
const IN_WORKERS: ReadonlySet<string> = new Set([
  "reads_the_clock",
  "throws",
  "promises",
  "yields_for_ever",
  "throws_in_a_fault",
  "chancy",
  "throwing",
  "talking",
  "stillborn",
]);

for (const [kind, rows] of [["checkpointer", checkpointers], ["protocol", protocols]] as const) {
  for (const { name } of rows) {
    const program = name.includes("fault") || name.includes("slip")
      ? WRITER
      : name === "yields_for_ever"
      ? ALONE
      : PROGRAM;
    const lines = [program, `${kind} bad.${name}`];
    for (const flags of IN_WORKERS.has(name) ? [[], ["--workers", "auto"]] : [[]]) {
      Deno.test(`${kind} ${name} ${flags.join(" ")}: it is named, and the lab stays in order`, async () => {
        const { code, out } = await run(lines, flags);
        assertMatch(out, SAID[name] as RegExp);
        assertStringIncludes(out, `'bad.${name}'`);
        assertStringIncludes(out, "✓ the lab is in order");
        assertEquals(code, 4, out);
      });
    }
  }
}

/** Workloads and metrics, by the lines that use them. */
const OTHERS: readonly (readonly [name: string, lines: readonly string[], said: RegExp])[] = [
  [
    "workload dated",
    ["proc p on n[0] runs bad.dated"],
    /workload 'bad\.dated' used Date\.now.* in start/,
  ],
  [
    "workload failing",
    ["proc p on n[0] runs bad.failing"],
    /'bad\.failing' threw: no program, in start/,
  ],
  [
    "workload wordless",
    ["proc p on n[0] runs bad.wordless"],
    /instead of \{ file, args \} of texts in start/,
  ],
  [
    "metric dated",
    [PROGRAM, "expect p.bad.dated > 0"],
    /metric 'bad\.dated' used Date\.now.* in read/,
  ],
  [
    "metric wordy",
    [PROGRAM, "expect cluster.bad.wordy > 0"],
    /answered "many" instead of a number/,
  ],
  ["metric in a condition", [PROGRAM, "when p[0].bad.dated > 1 crash p[0]"], /used Date\.now/],
  ["metric watched", [PROGRAM, "expect never p[0].bad.dated > 1"], /used Date\.now/],
];

for (const [name, lines, said] of OTHERS) {
  Deno.test(`${name}: it is named, and the lab stays in order`, async () => {
    const { code, out } = await run(lines);
    assertMatch(out, said);
    assertStringIncludes(out, "✓ the lab is in order");
    assertEquals(code, 4, out);
  });
}

Deno.test("outside of hooks the host is as it was", () => {
  assert(Date.now() > 1e12 && new Date().getTime() > 1e12 && typeof Date() === "string");
  assert(Math.random() < 1 && performance.now() >= 0 && Deno.cwd() !== "");
  assertEquals(new Date(0).toISOString(), "1970-01-01T00:00:00.000Z");
  assert(new Date(0) instanceof Date);
});
