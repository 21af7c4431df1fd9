/** The language server as Neovim's own client sees it; where there is none, exit 77 and the reason. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { SKIPPED } from "../skipped.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SCRIPT = `ckpt 1
scenario "a" {
  node n0
  proc p0 on n0 runs counter { ticks: 1 }
  at 5ms crash p0
  expect p0.exitd
}
`;

/** What the script in Lua found. */
interface Found {
  readonly diagnostics: readonly { line: number; code: string; message: string }[];
  readonly completion: readonly string[];
  readonly hover: string;
  readonly text: string;
  readonly stopped: boolean;
}

function hasNeovim(): boolean {
  try {
    return new Deno.Command("nvim", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** An editing session from the first diagnostic to the renamed and formatted text. */
function drive(): Found {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/a.ckpt`, SCRIPT);
    const { code, stderr } = new Deno.Command("nvim", {
      args: ["--headless", "-u", "NONE", "-c", `luafile ${ROOT}tests/oracle/neovim.lua`],
      env: { CKPTLAB_FOLDER: folder, CKPTLAB_ROOT: ROOT, CKPTLAB_DENO: Deno.execPath() },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).outputSync();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return JSON.parse(Deno.readTextFileSync(`${folder}/found.json`)) as Found;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (hasNeovim()) {
  const { diagnostics, completion, hover, text, stopped } = drive();
  assertEquals(diagnostics, [{
    line: 6,
    code: "CK0305",
    message: "a process has no metric 'exitd'; did you mean 'exited'?",
  }]);
  assert(completion.includes("exited") && !completion.includes("committed"));
  assertStringIncludes(hover, "Kills processes");
  assertEquals(text, SCRIPT.replaceAll("p0", "worker").replace("5ms ", "5ms  ").trimEnd());
  assert(stopped);
  console.log("1 passed, 0 failed");
} else {
  console.log("skipped: Neovim is not installed");
  Deno.exit(SKIPPED);
}
