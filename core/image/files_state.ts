/**
 * Files as an image names them: descriptors, the open files they share, what those lead to, and the
 * in-memory file system they lie in. Files mounted from the host are named, not copied.
 */
import { type Check, listOf, oneOf, record, text, truth, whole } from "./check.ts";

/** What an open file leads to. `path` names it in the tree; an unlinked file carries its bytes. */
export interface FileState {
  readonly kind: "tree" | "unlinked" | "pipe" | "input" | "output" | "error";
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly permissions: number;
}

/** One open file description; descriptors that share it name it by its place in the list. */
export interface OpenFileState {
  /** The name it was opened by. */
  readonly path: string;
  readonly flags: number;
  readonly position: number;
  /** Place in the list of files. */
  readonly file: number;
}

/** One descriptor. */
export interface DescriptorState {
  readonly number: number;
  readonly openFile: number;
  readonly closeOnExec: boolean;
}

/** One name of the in-memory tree, parents before children. */
export interface TreeEntryState {
  readonly path: string;
  readonly kind: "directory" | "file" | "link" | "same";
  readonly permissions: number;
  readonly modifiedSeconds: number;
  readonly modifiedNanoseconds: number;
  /** A file's content, or in UTF-8 a link's target, or the first name of the same file. */
  readonly bytes: Uint8Array;
}

/** Everything about files. */
export interface FilesState {
  readonly descriptors: readonly DescriptorState[];
  readonly openFiles: readonly OpenFileState[];
  readonly files: readonly FileState[];
  readonly tree: readonly TreeEntryState[];
  /** The console: how much went each way, and what was taken in but not read yet. */
  readonly console: {
    readonly input: number;
    readonly output: number;
    readonly error: number;
    readonly pending: Uint8Array;
    readonly ended: boolean;
    /** struct termios. */
    readonly settings: Uint8Array;
  };
}

const bytes: Check = (value, path) =>
  value instanceof Uint8Array ? undefined : `field ${path}: expected bytes, found ${typeof value}`;

/** Every field of a {@linkcode FilesState}. */
export const FILES: Check = record<FilesState>({
  descriptors: listOf(record<DescriptorState>({
    number: whole(0, 65535),
    openFile: whole(0),
    closeOnExec: truth,
  })),
  openFiles: listOf(
    record<OpenFileState>({ path: text, flags: whole(0), position: whole(0), file: whole(0) }),
  ),
  files: listOf(record<FileState>({
    kind: oneOf(["tree", "unlinked", "pipe", "input", "output", "error"]),
    path: text,
    bytes,
    permissions: whole(0, 0o7777),
  })),
  tree: listOf(record<TreeEntryState>({
    path: text,
    kind: oneOf(["directory", "file", "link", "same"]),
    permissions: whole(0, 0o7777),
    modifiedSeconds: whole(0),
    modifiedNanoseconds: whole(0, 999_999_999),
    bytes,
  })),
  console: record<FilesState["console"]>({
    input: whole(0),
    output: whole(0),
    error: whole(0),
    pending: bytes,
    ended: truth,
    settings: bytes,
  }),
});
