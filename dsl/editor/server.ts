/**
 * The language server: the requests of an editor, each answered from the analysis of the file. It
 * needs to read files and the environment, and nothing else.
 */
import { Readable, Writable } from "node:stream";
import {
  type CodeAction,
  CodeActionKind,
  CodeLensRefreshRequest,
  type CompletionItem,
  type Connection,
  createConnection,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  MarkupKind,
  ProposedFeatures,
  ResponseError,
  type TextDocumentPositionParams,
  TextDocuments,
  TextDocumentSyncKind,
  type TextEdit,
} from "vscode-languageserver";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { TextLiteral } from "../ast.ts";
import type { Host } from "../host.ts";
import { resolvePath } from "../load.ts";
import { parse } from "../parse.ts";
import type { Analysis } from "./analysis.ts";
import { complete } from "./complete.ts";
import {
  completionOf,
  diagnosticOf,
  LEGEND,
  locationOf,
  rangeOf,
  semanticTokens,
  symbolOf,
} from "./convert.ts";
import { completionHelp, hoverAt } from "./hover.ts";
import { formatScript } from "./layout.ts";
import { isDeclaration, type Occurrence } from "./names.ts";
import { lensesOf, outlineOf } from "./outline.ts";
import { renameProblem } from "./rename.ts";
import { RUN_COMMAND, runFromEditor } from "./run_from_editor.ts";
import { pathOf, uriOf, Workspace } from "./workspace.ts";

type NodeInput = Parameters<typeof Readable.fromWeb>[0];
type NodeOutput = Parameters<typeof Writable.fromWeb>[0];

/** Serves one editor until it says goodbye; the exit code. */
export function serve(host: Host): Promise<number> {
  const { input, output } = host.streams();
  // Deno and Node declare the same streams, each in words of its own.
  const reader = new StreamMessageReader(Readable.fromWeb(input as NodeInput));
  const writer = new StreamMessageWriter(Writable.fromWeb(output as NodeOutput));
  return new Promise((resolve) => {
    // The editor's process is not watched, which would need a permission: its end closes the stream.
    const watch = {
      shutdownReceived: false,
      initialize: () => undefined,
      exit: (code: number) => resolve(code),
    };
    reader.onClose(() => resolve(watch.shutdownReceived ? 0 : 1));
    const connection = createConnection(
      (logger) => createProtocolConnection(reader, writer, logger),
      watch,
      ProposedFeatures.all,
    );
    new Server(connection, host);
    connection.listen();
  });
}

const CAPABILITIES: InitializeResult["capabilities"] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: [".", '"', "{", ":"], resolveProvider: true },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentFormattingProvider: true,
  documentSymbolProvider: true,
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  semanticTokensProvider: { legend: LEGEND, full: true },
  codeLensProvider: {},
  executeCommandProvider: { commands: [RUN_COMMAND] },
};

/** A place in an open file. */
interface At {
  readonly analysis: Analysis;
  readonly document: TextDocument;
  readonly offset: number;
}

/** One editor's session. */
class Server {
  readonly #documents = new TextDocuments(TextDocument);
  readonly #workspace: Workspace;
  /** The editor asks for lenses again when it is told to. */
  #refreshesLenses = false;

  constructor(readonly connection: Connection, readonly host: Host) {
    this.#workspace = new Workspace(this.#documents, host);
    connection.onInitialize((params) => this.#initialize(params));
    this.#documents.onDidChangeContent(({ document: { uri } }) => {
      this.#workspace.forgetRun(uri);
      this.#soon();
    });
    this.#documents.onDidClose(({ document: { uri } }) => {
      this.#workspace.forget(uri);
      void connection.sendDiagnostics({ uri, diagnostics: [] });
      this.#soon();
    });
    // Files on disk that are included may have changed.
    connection.onDidChangeWatchedFiles(() => this.#soon());
    this.#asking();
    this.#changing();
    this.#documents.listen(connection);
  }

  #initialize({ workspaceFolders, rootUri, capabilities }: InitializeParams): InitializeResult {
    this.#refreshesLenses = capabilities.workspace?.codeLens?.refreshSupport === true;
    const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    this.#workspace.roots = uris.map(pathOf);
    return {
      capabilities: CAPABILITIES,
      serverInfo: { name: "ckptlab", version: this.host.version },
    };
  }

  /** What goes wrong without a request is told in the editor's log; the next change tries again. */
  #soon(): void {
    this.#check().catch((error: unknown) => {
      const reason = error instanceof Error ? error.stack ?? error.message : String(error);
      this.connection.console.error(`checking failed: ${reason}`);
    });
  }

  /** Checks all open files once they have stood still for a moment. */
  async #check(): Promise<void> {
    const state = this.#workspace.changed();
    await this.host.pause();
    for (const { uri } of this.#documents.all()) {
      if (this.#workspace.state !== state) return;
      const document = this.#documents.get(uri);
      const analysis = await this.#workspace.analysis(pathOf(uri));
      if (document === undefined || this.#workspace.state !== state) return;
      const found = analysis?.loaded.diagnostics ?? [];
      await this.connection.sendDiagnostics({
        uri,
        version: document.version,
        diagnostics: analysis === undefined ? [] : [
          ...found.map((item) => diagnosticOf(item, analysis)),
          ...this.#workspace.findings.get(uri) ?? [],
        ],
      });
    }
  }

  async #analysis(uri: string): Promise<Analysis | undefined> {
    return this.#documents.get(uri) === undefined
      ? undefined
      : await this.#workspace.analysis(pathOf(uri));
  }

  async #at({ textDocument: { uri }, position }: TextDocumentPositionParams) {
    const document = this.#documents.get(uri);
    const analysis = await this.#analysis(uri);
    if (document === undefined || analysis === undefined) return undefined;
    const at: At = { analysis, document, offset: document.offsetAt(position) };
    return at;
  }

  /** The declared name at a place. */
  #named({ analysis, offset }: At): Occurrence | undefined {
    return analysis.occurrences.find(({ span }) =>
      span.source === analysis.source && span.start <= offset && offset <= span.end
    );
  }

  /** Requests that only look. */
  #asking(): void {
    const { connection } = this;
    connection.onCompletion((params) => this.#complete(params));
    connection.onCompletionResolve((item) => this.#resolve(item));
    connection.onHover(async (params) => {
      const at = await this.#at(params);
      if (at === undefined) return null;
      const hover = hoverAt(at.analysis, at.offset);
      if (hover === undefined) return null;
      const { start, end, markdown } = hover;
      const range = rangeOf({ source: at.analysis.source, start, end });
      return { range, contents: { kind: MarkupKind.Markdown, value: markdown } };
    });
    connection.onDefinition((params) => this.#definition(params));
    connection.onReferences(async (params) => {
      const places = await this.#places(params);
      const { includeDeclaration } = params.context;
      return places.filter((one) => includeDeclaration || !isDeclaration(one))
        .map(({ span }) => locationOf(span));
    });
    connection.onDocumentHighlight(async (params) => {
      const uri = params.textDocument.uri;
      return (await this.#places(params)).map(({ span }) => locationOf(span))
        .filter((location) => location.uri === uri).map(({ range }) => ({ range }));
    });
    connection.onDocumentSymbol(async ({ textDocument }) => {
      const analysis = await this.#analysis(textDocument.uri);
      return analysis === undefined ? [] : outlineOf(analysis).map(symbolOf);
    });
    connection.languages.semanticTokens.on(async ({ textDocument }) => {
      const analysis = await this.#analysis(textDocument.uri);
      return analysis === undefined ? { data: [] } : semanticTokens(analysis);
    });
  }

  /** Requests that lead to a change or a run. */
  #changing(): void {
    const { connection } = this;
    connection.onDocumentFormatting(({ textDocument }) => this.#format(textDocument.uri));
    connection.onPrepareRename(async (params) => {
      const at = await this.#at(params);
      const found = at === undefined ? undefined : this.#named(at);
      return found === undefined ? null : { range: rangeOf(found.span), placeholder: found.text };
    });
    connection.onRenameRequest(async (params) => {
      const places = await this.#places(params);
      const paths = [...new Set(places.map(({ span }) => span.source.name))];
      const analyses = await Promise.all(paths.map((path) => this.#workspace.analysis(path)));
      const known = analyses.filter((one) => one !== undefined);
      const problem = places.length === 0
        ? "here stands no name that the script declares"
        : renameProblem(params.newName, places, known);
      if (problem !== undefined) throw new ResponseError(ErrorCodes.InvalidRequest, problem);
      const changes: Record<string, TextEdit[]> = {};
      for (const { span } of places) {
        (changes[uriOf(span.source.name)] ??= [])
          .push({ range: rangeOf(span), newText: params.newName });
      }
      return { changes };
    });
    connection.onCodeAction(({ textDocument: { uri }, context }) =>
      context.diagnostics.flatMap((diagnostic): CodeAction[] => {
        const { range, data } = diagnostic;
        if (typeof data !== "string") return [];
        const edit = { changes: { [uri]: [{ range, newText: data }] } };
        const title = `Write '${data}'`;
        return [{ title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], edit }];
      })
    );
    connection.onCodeLens(async ({ textDocument: { uri } }) => {
      const analysis = await this.#analysis(uri);
      if (analysis === undefined) return [];
      return lensesOf(analysis, this.#workspace.failed.get(uri) ?? []).map((lens) => ({
        range: rangeOf(lens.span),
        command: { title: lens.title, command: RUN_COMMAND, arguments: [uri, ...lens.args] },
      }));
    });
    connection.onExecuteCommand(async ({ command, arguments: given = [] }) => {
      if (command !== RUN_COMMAND) return null;
      const code = await runFromEditor(given.map(String), this.#workspace, connection);
      if (this.#refreshesLenses) await connection.sendRequest(CodeLensRefreshRequest.type);
      return code;
    });
  }

  async #complete({ textDocument: { uri }, position }: TextDocumentPositionParams) {
    const document = this.#documents.get(uri);
    if (document === undefined) return [];
    const { start, end, items } = await complete({
      path: pathOf(uri),
      text: document.getText(),
      offset: document.offsetAt(position),
      readFile: this.#workspace.readFile,
      readDir: this.host.readDir,
      vocabulary: this.host.vocabulary,
    });
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    return items.map((item) => completionOf(item, range));
  }

  #resolve(item: CompletionItem): CompletionItem {
    const help = completionHelp(item.label, this.host.vocabulary);
    if (help === undefined) return item;
    const documentation = { kind: MarkupKind.Markdown, value: help.markdown };
    return { ...item, detail: help.detail, documentation };
  }

  async #definition(params: TextDocumentPositionParams) {
    const at = await this.#at(params);
    if (at === undefined) return null;
    const found = this.#named(at);
    if (found !== undefined) return locationOf(found.target);
    for (const { row, args } of at.analysis.script.statements) {
      const file = args["file"] as TextLiteral | undefined;
      if (row.keyword !== "include" || file === undefined) continue;
      if (file.span.start > at.offset || at.offset > file.span.end) continue;
      const start = { line: 0, character: 0 };
      return {
        uri: uriOf(resolvePath(at.analysis.path, file.value)),
        range: { start, end: start },
      };
    }
    return null;
  }

  async #places(params: TextDocumentPositionParams): Promise<readonly Occurrence[]> {
    const at = await this.#at(params);
    const found = at === undefined ? undefined : this.#named(at);
    if (at === undefined || found === undefined) return [];
    return await this.#workspace.places(found, at.analysis);
  }

  #format(uri: string): TextEdit[] {
    const document = this.#documents.get(uri);
    if (document === undefined) return [];
    const given = document.getText();
    const { script, diagnostics } = parse(given, pathOf(uri));
    if (diagnostics.length > 0) return [];
    const newText = formatScript(script);
    if (newText === given) return [];
    const range = { start: document.positionAt(0), end: document.positionAt(given.length) };
    return [{ range, newText }];
  }
}
