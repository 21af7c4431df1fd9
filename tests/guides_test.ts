/** The tutorial and the page about CI, followed by the letter in a folder of one's own. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { parse as parseYaml } from "yaml";
import { prepare, temporary } from "./command/workshop.ts";
import { blocksOf, inShell, ROOT, shellLines } from "./page.ts";

const TUTORIAL = "scenarios/TUTORIAL.md";
const CI = "scenarios/CI.md";

const [QUESTION = "", ANSWER = ""] = blocksOf(TUTORIAL, "ckpt").map(({ text }) => text);

/** What is run in CI: two scenarios, and one for the nights only. */
const FIRST = blocksOf("README.md", "ckpt")[0]?.text ?? "";
/** With fewer seeds than the tutorial has. */
const FEW = ANSWER.replace("1..10", "1..3");
assertNotEquals(FEW, ANSWER);
const SHIPPED = {
  "first.ckpt": FIRST,
  "known.ckpt": FEW,
  "nightly.ckpt": FEW.replace(`counting does not"`, `whatever the seed" @nightly`),
};
/** Scenarios that hold whatever the seed: where a page draws one, others could be unlucky. */
const SAFE = { "first.ckpt": FIRST, "nightly.ckpt": FIRST.replace("@smoke", "@nightly") };

/** A folder as a page says it should be: deno.json, ckptlab beside the scenarios. */
function workplace(page: string, scenarios: Readonly<Record<string, string>>) {
  const folder = temporary();
  const [configuration] = blocksOf(page, "json");
  const files = Object.entries(scenarios).map(([name, text]) => [`scenarios/${name}`, text]);
  prepare(folder.path, {
    "deno.json": configuration?.text ?? "",
    ".gitignore": blocksOf(page, "gitignore")[0]?.text ?? "",
    ".git/HEAD": `${"0123456789".repeat(4)}\n`,
    ...Object.fromEntries(files),
  });
  Deno.symlinkSync(ROOT, `${folder.path}/ckptlab`, { type: "dir" });
  return folder;
}

/** Runs every line; each ends as it says. */
async function follow(text: string, cwd: string, environment = {}): Promise<string> {
  let said = "";
  for (const { line, code } of shellLines(text)) {
    const ended = await inShell(line, cwd, environment);
    assertEquals(ended.code, code, `${line}\n${ended.out}\n${ended.err}`);
    said += ended.out + ended.err;
  }
  return said;
}

Deno.test("the tutorial, by the letter: a protocol that loses messages is caught", async () => {
  using folder = workplace(TUTORIAL, { "lost.ckpt": QUESTION });
  const [caught, again, ways] = blocksOf(TUTORIAL, "sh");
  const [seen = "?", left = "?"] = blocksOf(TUTORIAL, "text").map(({ text }) => text);
  const said = await follow(caught?.text ?? "", folder.path);
  assertStringIncludes(said, seen);
  assertStringIncludes(await follow(again?.text ?? "", folder.path), left);
  assertStringIncludes(said, "warning CK0510");
  await follow(ways?.text ?? "", folder.path);
  // Whoever has mended nothing but the protocol is right.
  prepare(folder.path, {
    "scenarios/lost.ckpt": QUESTION.replace("cls_flush", "message_counting"),
    "scenarios/known.ckpt": ANSWER,
  });
  const mended = await follow("deno task scenario\ndeno task format --check", folder.path);
  assertStringIncludes(mended, "2 scenarios: 2 hold");
});

Deno.test("CI in a plain shell: what holds and what does not, with its files", async () => {
  using folder = workplace(CI, SHIPPED);
  for (const { text } of blocksOf(CI, "sh")) await follow(text, folder.path);
  const xml = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
  assertStringIncludes(xml, 'tests="3" failures="0" errors="0"');
  // The same lines say so where something is lost.
  prepare(folder.path, { "scenarios/lost.ckpt": QUESTION });
  const [, shards] = blocksOf(CI, "sh");
  const codes: number[] = [];
  for (const { line } of shellLines(shards?.text ?? "")) {
    codes.push((await inShell(line, folder.path)).code);
  }
  assertEquals([codes.slice(0, 2).toSorted(), codes[2]], [[0, 1], 1]);
  const red = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
  assertStringIncludes(red, 'tests="4" failures="1" errors="0"');
  const attached = [...red.matchAll(/\[\[ATTACHMENT\|(.*?)\]\]/g)].map(([, file]) => file);
  assert(attached.length >= 5);
  for (const file of attached) assert(Deno.statSync(`${folder.path}/${file}`).size > 0);
});

/** A step or a job of a workflow, as far as it is run here. */
interface Step {
  readonly run?: string;
  readonly uses?: string;
}
interface Workflow {
  readonly jobs: Readonly<
    Record<string, {
      readonly "runs-on": string;
      readonly needs?: string;
      readonly strategy?: { readonly matrix: { readonly shard: readonly number[] } };
      readonly steps: readonly Step[];
    }>
  >;
}

for (const [i, { text }] of blocksOf(CI, "yaml").entries()) {
  const workflow = parseYaml(text);
  if (!("jobs" in workflow) || workflow.name === "touched") continue;
  Deno.test(`the workflow for GitHub '${workflow.name}' (${i + 1}), step by step`, async () => {
    const isNightly = workflow.name === "nightly";
    using folder = workplace(CI, isNightly ? SAFE : SHIPPED);
    const { jobs } = workflow as Workflow;
    for (const [name, job] of Object.entries(jobs)) {
      assert(job.needs === undefined || job.needs in jobs, `${name} needs ${job.needs}`);
      for (const shard of job.strategy?.matrix.shard ?? [0]) {
        for (const { run, uses } of job.steps) {
          assert((run === undefined) !== (uses === undefined), "a step runs or uses something");
          const line = run?.replaceAll("${{ matrix.shard }}", `${shard}`);
          if (line === undefined) continue;
          assert(!line.includes("${{"), line);
          await follow(line, folder.path, {
            GITHUB_ACTIONS: "true",
            CI: "true",
            GITHUB_STEP_SUMMARY: `${folder.path}/summary.md`,
          });
        }
      }
    }
    const page = isNightly ? [] : [`${folder.path}/.ckpt/report.html`];
    for (const file of page) assertStringIncludes(Deno.readTextFileSync(file), "</html>");
    const xml = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
    assertStringIncludes(xml, `tests="2" failures="0" errors="0"`);
    assertStringIncludes(Deno.readTextFileSync(`${folder.path}/summary.md`), "hold");
  });
}

/** Makes a repository of a folder, or goes on with it: all of it is committed. */
function commitAll(cwd: string): Promise<string> {
  const who = "-c user.name=T -c user.email=t@example.org -c commit.gpgsign=false";
  return follow(`git init -q .\ngit add .\ngit ${who} commit -q -m all`, cwd);
}

Deno.test("the workflow for pull requests: what it touches, nothing, and red where git fails", async () => {
  const workflow = blocksOf(CI, "yaml").map(({ text }) => parseYaml(text))
    .find(({ name }) => name === "touched") as Workflow;
  const lines = (workflow.jobs["touched"]?.steps ?? []).flatMap(({ run }) => run ?? []);
  assertEquals(lines.length, 2);
  using folder = workplace(CI, SHIPPED);
  Deno.removeSync(`${folder.path}/.git`, { recursive: true });
  await commitAll(folder.path);
  await follow("git update-ref refs/remotes/origin/main HEAD", folder.path);
  const cases = async () => {
    await follow(lines.join("\n"), folder.path);
    const xml = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
    return /<testsuites[^>]* tests="(\d+)"/.exec(xml)?.[1];
  };
  assertEquals(await cases(), "0");
  prepare(folder.path, { "scenarios/first.ckpt": `${FIRST}// It was changed.\n` });
  await commitAll(folder.path);
  assertEquals(await cases(), "1");
  // What a run leaves is no part of it.
  assertEquals(await follow("git status --porcelain", folder.path), "");
  // As with a checkout that is not deep enough.
  await follow("git update-ref -d refs/remotes/origin/main", folder.path);
  const [, line = ""] = lines;
  const { code, out } = await inShell(line, folder.path);
  assert(code !== 0, out);
});

/** A job for GitLab. */
interface Job {
  readonly stage: string;
  readonly parallel?: number;
  readonly script: readonly string[];
}

Deno.test("the jobs for GitLab, line by line", async () => {
  using folder = workplace(CI, SHIPPED);
  const document = blocksOf(CI, "yaml").map(({ text }) => parseYaml(text))
    .find((yaml) => !("jobs" in yaml)) as Readonly<Record<string, unknown>>;
  const jobs = Object.values(document).filter((part): part is Job =>
    typeof part === "object" && part !== null && "script" in part
  );
  assertEquals(jobs.map(({ stage }) => stage), ["test", "deploy"]);
  for (const { script, parallel } of jobs) {
    for (let n = 1; n <= (parallel ?? 1); n++) {
      const node = { CI_NODE_INDEX: `${n}`, CI_NODE_TOTAL: `${parallel}` };
      for (const line of script) await follow(line, folder.path, { CI: "true", ...node });
    }
  }
  const xml = Deno.readTextFileSync(`${folder.path}/.ckpt/junit.xml`);
  assertStringIncludes(xml, 'tests="3" failures="0" errors="0"');
});
