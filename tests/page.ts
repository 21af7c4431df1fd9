/** A page of documentation as tests read it: its blocks of code, and how a block for a shell is run. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A block of code. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

export const textOf = (page: string): string => Deno.readTextFileSync(ROOT + page);

/** The blocks of a page, in order; of one language, if it is named. */
export const blocksOf = (page: string, language?: string): readonly Block[] =>
  [...textOf(page).matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)]
    .map(([, tag = "", text = ""]) => ({ language: tag, text }))
    .filter((block) => language === undefined || block.language === language);

/** A line for a shell, and the code it is to end with: 0, unless a comment says `ends with 1`. */
export interface ShellLine {
  readonly line: string;
  readonly code: number;
}

export const shellLines = (text: string): readonly ShellLine[] =>
  text.trim().split("\n").map((line) => ({
    line,
    code: Number(/# .*\bends with (\d+)/.exec(line)?.[1] ?? 0),
  }));

/** Runs a line as who copied it would: in a shell, with deno on its path. */
export async function inShell(
  line: string,
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH") ?? ""}`;
  // Whoever runs the tests may be in CI himself.
  const env = { GITHUB_ACTIONS: "", CI: "", NO_COLOR: "1", ...environment, PATH: path };
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line],
    cwd,
    env,
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
