/**
 * Runs every test, the examples in the documentation too, and closes with one line that people and
 * machines can read: `N passed, N failed`.
 */

/** Those that take longest begin first: one at the end would keep all processors but its own idle. */
const LONGEST = [
  "tests/laws/kit_test.ts",
  "tests/laws/cluster_seeds_test.ts",
  "tests/laws/crash_everywhere_test.ts",
  "tests/laws/plugin_packages_test.ts",
  "tests/laws/authoring_test.ts",
  "tests/guides_test.ts",
  "tests/dsl/editor/completion_law_test.ts",
  "tests/command/exec_test.ts",
  "tests/core/lab/coordination_test.ts",
  "tests/plugins/misbehaving_test.ts",
  "tests/determinism_test.ts",
  "tests/laws/rare_bug_test.ts",
  "tests/plugins/isolate_test.ts",
  "tests/plugins/reporting_test.ts",
  "tests/laws/explorer_test.ts",
  "tests/html/browser_test.ts",
];

/** There are as many files under test as processors: a collector's threads would take those of others. */
const COLLECTOR = "--v8-flags=--single-threaded-gc";

const filters = Deno.args;
let passed = 0, failed = 0, ignored = 0, broken = false;

/** One run of the test runner; its output goes through as it comes. */
async function suite(args: readonly string[]): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", "--parallel", COLLECTOR, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let tail = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4000);
  }
  const { code } = await child.status;
  // deno-lint-ignore no-control-regex
  const plain = tail.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const summary = [
    ...plain.matchAll(
      /(\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/g,
    ),
  ].at(-1);
  passed += Number(summary?.[1] ?? 0);
  failed += Number(summary?.[2] ?? 0);
  ignored += Number(summary?.[3] ?? 0);
  if (summary === undefined || (code !== 0 && Number(summary[2]) === 0)) broken = true;
}

await suite([...LONGEST, "tests", ...filters]);
if (filters.length === 0) await suite(["--doc", "core", "plugins", "dsl", "mod.ts"]);
if (broken) failed++;
if (ignored > 0) console.log(`skipped: ${ignored} tests, which say above what they would need`);
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
