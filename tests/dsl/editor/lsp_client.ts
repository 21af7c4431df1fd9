/** An editor without a window: drives a real server process over standard input and output. */
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { type Diagnostic, type InitializeResult, type Position } from "vscode-languageserver";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

// Deno and Node declare the same streams, each in words of its own.
type NodeInput = Parameters<typeof Readable.fromWeb>[0];
type NodeOutput = Parameters<typeof Writable.fromWeb>[0];

/** What was last said of a file. */
interface Said {
  readonly version: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A server and the editor's side of the connection. */
export class Editor {
  readonly #process: Deno.ChildProcess;
  readonly connection: ProtocolConnection;
  readonly said = new Map<string, Said>();
  readonly messages: string[] = [];
  readonly #waiting: { test: () => boolean; done: () => void }[] = [];
  readonly #texts = new Map<string, { version: number; text: string }>();

  constructor(env: Readonly<Record<string, string>> = {}) {
    const command = new Deno.Command(Deno.execPath(), {
      // No more than the README tells to give: without a prompt, what is missing is an error.
      args: ["run", "--no-check", "--no-prompt", "--allow-read", "--allow-env", "mod.ts", "lsp"],
      cwd: ROOT,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    this.#process = command.spawn();
    this.connection = createProtocolConnection(
      new StreamMessageReader(Readable.fromWeb(this.#process.stdout as NodeInput)),
      new StreamMessageWriter(Writable.fromWeb(this.#process.stdin as NodeOutput)),
    );
    this.connection.onNotification("textDocument/publishDiagnostics", (params) => {
      const { uri, version, diagnostics } = params as Said & { uri: string };
      this.said.set(uri, { version, diagnostics });
      this.#look();
    });
    this.connection.onNotification("window/showMessage", (params) => {
      this.messages.push((params as { message: string }).message);
      this.#look();
    });
    this.connection.onRequest("workspace/codeLens/refresh", () => null);
    this.connection.onRequest("workspace/semanticTokens/refresh", () => null);
    this.connection.listen();
  }

  #look(): void {
    for (const { test, done } of this.#waiting) if (test()) done();
  }

  /** Until something was said that passes the test. */
  until(test: () => boolean): Promise<void> {
    return new Promise((done) => {
      if (test()) done();
      else this.#waiting.push({ test, done });
    });
  }

  async initialize(folder: string): Promise<InitializeResult> {
    const result = await this.ask<InitializeResult>("initialize", {
      processId: Deno.pid,
      rootUri: `file://${folder}`,
      workspaceFolders: [{ uri: `file://${folder}`, name: "scripts" }],
      capabilities: { workspace: { codeLens: { refreshSupport: true } } },
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  async ask<T>(method: string, params: unknown): Promise<T> {
    return await this.connection.sendRequest(method, params) as T;
  }

  async open(uri: string, text: string): Promise<void> {
    this.#texts.set(uri, { version: 1, text });
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "ckpt", version: 1, text },
    });
  }

  /** Replaces the first place where a text stands by another, as typing does. */
  async edit(uri: string, old: string, now: string): Promise<number> {
    const open = this.#texts.get(uri);
    if (open === undefined) throw new Error(`${uri} is not open`);
    const start = open.text.indexOf(old);
    if (start < 0) throw new Error(`there is no '${old}' in ${uri}`);
    const range = { start: this.place(uri, start), end: this.place(uri, start + old.length) };
    const text = open.text.slice(0, start) + now + open.text.slice(start + old.length);
    const version = open.version + 1;
    this.#texts.set(uri, { version, text });
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [{ range, text: now }],
    });
    return version;
  }

  text(uri: string): string {
    return this.#texts.get(uri)?.text ?? "";
  }

  place(uri: string, offset: number): Position {
    const before = this.text(uri).slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  }

  /** A request about the first place where a text stands, at its end. */
  async at<T>(method: string, uri: string, text: string, more: object = {}): Promise<T> {
    const offset = this.text(uri).indexOf(text);
    if (offset < 0) throw new Error(`there is no '${text}' in ${uri}`);
    const position = this.place(uri, offset + text.length);
    return await this.ask<T>(method, { textDocument: { uri }, position, ...more });
  }

  /** What is said of the file in that version. */
  async diagnostics(uri: string, version = 1): Promise<readonly Diagnostic[]> {
    await this.until(() => (this.said.get(uri)?.version ?? 0) >= version);
    return this.said.get(uri)?.diagnostics ?? [];
  }

  /** Says goodbye; the server's exit code. */
  async quit(): Promise<number> {
    await this.ask("shutdown", undefined);
    await this.connection.sendNotification("exit");
    const { code } = await this.#process.status;
    this.connection.dispose();
    return code;
  }

  /** Is gone without a word, as an editor that crashes; the server's exit code. */
  async vanish(): Promise<number> {
    this.connection.end();
    const { code } = await this.#process.status;
    this.connection.dispose();
    return code;
  }
}

/** Runs a test with an editor and a folder of files; both are gone afterwards. */
export async function withEditor(
  files: Readonly<Record<string, string>>,
  test: (editor: Editor, uri: (name: string) => string) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const editor = new Editor(env);
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await editor.initialize(folder);
    await test(editor, (name) => `file://${folder}/${name}`);
  } finally {
    await editor.quit();
    await Deno.remove(folder, { recursive: true });
  }
}
