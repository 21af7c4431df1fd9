/** Starts the language server of ckptlab for scenarios; all it knows comes from there. */
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const [command, ...args] = vscode.workspace.getConfiguration("ckptlab").get("server");
  const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const run = { command, args, transport: TransportKind.stdio, options: { cwd } };
  client = new LanguageClient("ckptlab", "ckptlab", run, {
    documentSelector: [{ language: "ckpt" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.ckpt") },
  });
  await client.start();
};

exports.deactivate = () => client?.stop();
