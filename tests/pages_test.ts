/** What the pages of the documentation say is true: links lead somewhere, tables are those of the code. */
import { assert, assertEquals } from "@std/assert";
import { OPTION_TYPES } from "../core/lab/plugin_shape.ts";
import { COMMANDS } from "../dsl/cli.ts";
import { ARTEFACTS } from "../dsl/artefacts/mod.ts";
import { formatScript } from "../dsl/editor/layout.ts";
import { EXIT_HELP } from "../dsl/exit.ts";
import { parse } from "../dsl/parse.ts";
import { REPORTERS } from "../dsl/reporters/mod.ts";
import { inProcess } from "./command/workshop.ts";
import { blocksOf, ROOT, shellLines, textOf } from "./page.ts";
import { sourceFiles } from "./source_files.ts";

const FOLDERS = ["core", "dsl", "plugins", "scenarios", "tests"].map((name) => ROOT + name);

/** Every page. The changelog names what was there once. */
const PAGES = [
  ...["README.md", "ARCHITECTURE.md"],
  ...sourceFiles(FOLDERS, ".md").map((path) => path.slice(ROOT.length)),
];

/** The name a heading has in a link. */
const anchorOf = (heading: string): string =>
  heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");

/** What a link within the repository leads to is there. */
function isThere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : page.replace(/[^/]*$/, "") + path;
  try {
    Deno.statSync(ROOT + file);
  } catch {
    return false;
  }
  if (anchor === undefined) return true;
  const text = Deno.readTextFileSync(ROOT + file);
  return [...text.matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchorOf(heading) === anchor);
}

/** Cells of the rows of a table under a heading. */
function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const section = textOf(page).split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const rows = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim())
  );
  return rows.slice(2);
}

for (const page of PAGES) {
  Deno.test(`${page}: its links lead somewhere, its scripts are in canonical form`, () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to = ""]) =>
      to
    );
    assertEquals(links.filter((link) => !isThere(page, link)), []);
    for (const { text } of blocksOf(page, "ckpt")) {
      assertEquals(formatScript(parse(text).script), text);
    }
  });
}

Deno.test("every page is found from README.md, in two steps at most", () => {
  const linked = (page: string) =>
    [...textOf(page).matchAll(/\]\((?!https?:)([^)\s#]+\.md)/g)].map(([, to = ""]) =>
      new URL(to, `file:///${page}`).pathname.slice(1)
    );
  const first = linked("README.md");
  const found = new Set(["README.md", ...first, ...first.flatMap(linked)]);
  assertEquals(PAGES.filter((page) => !found.has(page)), []);
});

Deno.test("the tutorial leads through every chapter, under its own title", () => {
  const chapters = [...Deno.readDirSync(`${ROOT}scenarios`)].map(({ name }) => name)
    .filter((name) => /^\d+_.*\.ckpt$/.test(name)).sort();
  const rows = [
    ...textOf("scenarios/TUTORIAL.md")
      .matchAll(/^\| (\d+) \[(.*?)\]\((.*?)\) +\| (.*?) +\|$/gm),
  ];
  assertEquals(rows.map(([, , , file]) => file), chapters);
  for (const [, number, title, file = "", words = ""] of rows) {
    const text = textOf(`scenarios/${file}`);
    assertEquals(text.split("\n")[1], `// Chapter ${number}: ${title}.`);
    for (const [, word = ""] of words.matchAll(/`([^`]+)`/g)) {
      assert(text.includes(word), `chapter ${number} has no '${word}'`);
    }
  }
});

Deno.test("the exit codes and the files of a failing cell are those of the program", () => {
  assertEquals(
    tableUnder("scenarios/CI.md", "Exit codes"),
    EXIT_HELP.map(([code, help]) => [`${code}`, help]),
  );
  assertEquals(
    tableUnder("scenarios/CI.md", "What a failing cell leaves").map(([file]) => file),
    ARTEFACTS.map(({ name }) => `\`${name}\``),
  );
});

Deno.test("the page about strategies has every step and every type of option", () => {
  const page = "plugins/AUTHORING.md";
  const contract = textOf("core/image/checkpointer.ts");
  const steps = [...contract.matchAll(/\{ readonly step: "(\w+)"/g)].map(([, step]) =>
    `\`${step}\``
  );
  assertEquals(tableUnder(page, "Steps and pages").map(([step]) => step), steps);
  const types = tableUnder(page, "Options").map(([type]) => type).toSorted();
  assertEquals(types, OPTION_TYPES.map((type) => `\`${type}\``).toSorted());
});

Deno.test("README names every command and every reporter", () => {
  const readme = textOf("README.md");
  const [, table = ""] = readme.split("## The command");
  const told = ({ name }: { readonly name: string }) =>
    ["run", "help"].includes(name) || new RegExp(`deno task (scenario )?${name}\\b`).test(table);
  assertEquals(COMMANDS.filter((one) => !told(one)).map(({ name }) => name), []);
  const untold = REPORTERS.filter(({ name }) => !readme.includes(`\`${name}\``));
  assertEquals(untold.map(({ name }) => name), []);
});

Deno.test("what the pages say to run about scenarios/ is understood", async () => {
  const [block] = blocksOf("scenarios/README.md", "sh");
  for (const { line } of shellLines(block?.text ?? "")) {
    const words = line.replace(/ +#.*/, "").split(" ").slice(3);
    const dry = words[0] === "check" ? words : [...words, "--dry-run"];
    const { code, err } = await inProcess(dry);
    assertEquals(code, 0, `${line}\n${err}`);
  }
});

Deno.test("README's counter-example is found", async () => {
  const [line] = textOf("README.md").match(/^deno task explore .* +# finds the lost message$/m) ??
    [];
  const words = (line ?? "").replace(/ +#.*/, "").split(" ").slice(2);
  const { code, out } = await inProcess(words);
  assertEquals(code, 1);
  assert(out.includes("expect g.lost > 0"), out);
});

Deno.test("what the pages call files and folders are there", () => {
  // The tutorial speaks of files that its reader makes.
  for (const page of PAGES.filter((one) => one !== "scenarios/TUTORIAL.md")) {
    const named = [...textOf(page).matchAll(/`((?:core|dsl|plugins|scenarios|tests)\/[\w./]+)`/g)];
    const gone = named.map(([, path = ""]) => path).filter((path) => !isThere("README.md", path));
    assertEquals(gone, [], page);
  }
});

Deno.test("decisions are numbered in order, without gaps", () => {
  const [, decisions = ""] = textOf("ARCHITECTURE.md").split("## Decisions");
  const numbers = [...decisions.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number));
  assert(numbers.length > 0);
  assertEquals(numbers, numbers.map((_, i) => i + 1));
});
