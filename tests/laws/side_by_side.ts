/** The cases of a long list, side by side: each part of them in a process of its own. */

/** What is to be done. */
export interface SideBySide<Outcome> {
  /** Called with `--part 0/2` and the like it writes `[index, outcome]` as JSON, a line a case. */
  readonly script: URL;
  readonly args: readonly string[];
  readonly jobs: number;
  /** What a part may do; reading files and variables unless given. */
  readonly permissions?: readonly string[];
  /** Takes in the outcome of a case; they come in no order. */
  readonly take: (index: number, outcome: Outcome) => void;
}

const USUAL = ["--allow-read", "--allow-env"];

/** Runs them all. Throws when a part fails. */
export async function sideBySide<Outcome>(plan: SideBySide<Outcome>): Promise<void> {
  const parts = Array.from({ length: plan.jobs }, (_, part) => runPart(plan, part));
  await Promise.all(parts);
}

async function runPart<Outcome>(
  { script, args, jobs, permissions = USUAL, take }: SideBySide<Outcome>,
  part: number,
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      ...permissions,
      script.href,
      ...args,
      "--part",
      `${part}/${jobs}`,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(...JSON.parse(line) as [number, Outcome]);
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(`part ${part} of ${jobs} ended with ${code}`);
}
