/** Runs the cells of a scenario for an editor, and keeps which of them did not hold. */
import type { Explored } from "../../core/mod.ts";
import {
  type Connection,
  type Diagnostic,
  DiagnosticSeverity,
  MessageType,
} from "vscode-languageserver";
import { main } from "../cli.ts";
import { EXIT } from "../exit.ts";
import { diagnosticOf } from "./convert.ts";
import type { FailedCell } from "./outline.ts";
import { pathOf, type Workspace } from "./workspace.ts";

/** The command of code lenses. */
export const RUN_COMMAND = "ckptlab.run";

/** The parts of `run --json` that are looked at. */
interface Document {
  readonly summary?: Readonly<Record<string, number>>;
  readonly scenarios?: readonly {
    readonly cells: readonly {
      readonly id: string;
      readonly seed: number;
      readonly verdict: string;
      readonly explored?: Explored;
      readonly claims: readonly Judged[];
      readonly problems: readonly (Judged & { readonly message: string })[];
    }[];
  }[];
}

interface Judged {
  readonly verdict: string;
  readonly text?: string;
  readonly line: number;
  readonly details?: readonly { readonly label: string; readonly text: string }[];
}

/** What did not hold, at the lines where it is claimed. */
function findings({ scenarios = [] }: Document): readonly Diagnostic[] {
  return scenarios.flatMap(({ cells }) =>
    cells.flatMap(({ id, claims, problems }) =>
      [...claims, ...problems].filter(({ verdict }) => verdict !== "holds" && verdict !== "skipped")
        .map((found): Diagnostic => {
          const { verdict, line, details = [] } = found;
          const what = "message" in found ? String(found.message) : found.text ?? "";
          const why = details.map(({ label, text }) => `\n${label}: ${text}`).join("");
          const at = { line: line - 1, character: 0 };
          return {
            severity: DiagnosticSeverity.Information,
            source: "ckptlab run",
            range: { start: at, end: { line, character: 0 } },
            message: `${verdict}: ${what} (${id.slice(id.indexOf("#") + 1)})${why}`,
          };
        })
    )
  );
}

const failedCells = ({ scenarios = [] }: Document): readonly FailedCell[] =>
  scenarios.flatMap(({ cells }) =>
    cells.filter(({ verdict }) => verdict !== "holds")
      .map(({ id, explored: { firstFailing } = {} }) =>
        firstFailing === undefined ? { id } : { id, seed: firstFailing }
      )
  );

/** Keeps what a run found, and shows it beside what checking found. */
async function show(
  uri: string,
  document: Document,
  workspace: Workspace,
  connection: Connection,
): Promise<void> {
  const found = findings(document);
  workspace.failed.set(uri, failedCells(document));
  workspace.findings.set(uri, found);
  const analysis = await workspace.analysis(pathOf(uri));
  const checked = analysis === undefined
    ? []
    : analysis.loaded.diagnostics.map((item) => diagnosticOf(item, analysis));
  // Changed while it was checked: what is said of it now is said elsewhere.
  if (workspace.findings.get(uri) !== found) return;
  await connection.sendDiagnostics({ uri, diagnostics: [...checked, ...found] });
}

/** Runs what the arguments choose of a file as it is in the editor; the exit code. */
export async function runFromEditor(
  [uri = "", ...args]: readonly string[],
  workspace: Workspace,
  connection: Connection,
): Promise<number> {
  const open = workspace.documents.get(uri);
  const version = open?.version;
  // The text of this moment: by the time it is read it may have been changed.
  const text = open === undefined ? undefined : new TextEncoder().encode(open.getText());
  const path = pathOf(uri);
  let output = "";
  let said = "";
  // Workers for cells would read the file on disk.
  const { cellWorker: _, ...host } = workspace.host;
  const code = await main(["run", path, ...args, "--json"], {
    ...host,
    isTerminal: false,
    readFile: (file) =>
      file === path && text !== undefined ? Promise.resolve(text) : workspace.readFile(file),
    stdout: (text: string) => void (output += text),
    stderr: (text: string) => void (said += text),
  });
  const document = output.startsWith("{") ? JSON.parse(output) as Document : {};
  const now = workspace.documents.get(uri);
  const isSame = now === open && now?.version === version;
  if (isSame) await show(uri, document, workspace, connection);
  const counts = Object.entries(document.summary ?? {}).filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const summary = counts === "" ? said.trim() : counts;
  const holds = code === EXIT.holds;
  const before = isSame ? "" : ", as the file was before it was changed";
  await connection.sendNotification("window/showMessage", {
    type: holds ? MessageType.Info : MessageType.Warning,
    message: `ckptlab: ${summary}${holds ? "" : ` (exit code ${code})`}${before}`,
  });
  return code;
}
