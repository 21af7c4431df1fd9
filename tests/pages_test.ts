/** What the pages of the documentation say is true: links lead somewhere, tables are those of the code. */
import { assert, assertEquals } from "@std/assert";
import { ARTEFACTS } from "../dsl/artefacts/mod.ts";
import { formatScript } from "../dsl/editor/layout.ts";
import { EXIT_HELP } from "../dsl/exit.ts";
import { parse } from "../dsl/parse.ts";
import { blocksOf, ROOT, textOf } from "./page.ts";

const PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "dsl/README.md",
  "plugins/AUTHORING.md",
  "plugins/README.md",
  "scenarios/CI.md",
  "scenarios/README.md",
  "scenarios/TUTORIAL.md",
  "scenarios/examples/README.md",
  "scenarios/guests/README.md",
  "tests/README.md",
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

Deno.test("decisions are numbered in order, without gaps", () => {
  const [, decisions = ""] = textOf("ARCHITECTURE.md").split("## Decisions");
  const numbers = [...decisions.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number));
  assertEquals(numbers, numbers.map((_, i) => i + 1));
});
