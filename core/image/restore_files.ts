/** Files of a process rebuilt from an image: the same descriptors sharing the same open files. */
import { type Console, ConsoleStream } from "../kernel/files/console.ts";
import { Directory, SymbolicLink } from "../kernel/files/directory.ts";
import type { FileSystem } from "../kernel/files/file_system.ts";
import { FileTable } from "../kernel/files/file_table.ts";
import type { Inode } from "../kernel/files/inode.ts";
import { OpenFile } from "../kernel/files/open_file.ts";
import { Pipe } from "../kernel/files/pipe.ts";
import { RegularFile } from "../kernel/files/regular_file.ts";
import type { FilesState, FileState, TreeEntryState } from "./files_state.ts";
import { ImageError } from "./image.ts";
import { lookUp } from "./restore_check.ts";

const DECODER = new TextDecoder();
/** As many as setrlimit allows. */
const MOST_DESCRIPTORS = 2 ** 20;

/** The tree as it was at t0: what is missing is made, what changed is written back. */
function restoreTree(tree: readonly TreeEntryState[], fileSystem: FileSystem): void {
  for (const entry of tree) {
    const slash = entry.path.lastIndexOf("/");
    const parent = fileSystem.makeFolders(entry.path.slice(0, slash));
    const name = entry.path.slice(slash + 1);
    const inode = restoreEntry(entry, parent.lookup(name), fileSystem);
    if (inode !== parent.lookup(name)) fileSystem.link(parent, name, inode);
    inode.permissions = entry.permissions;
    const { modifiedSeconds: seconds, modifiedNanoseconds: nanoseconds } = entry;
    inode.modified = { seconds, nanoseconds };
  }
}

function restoreEntry(
  entry: TreeEntryState,
  there: Inode | undefined,
  fileSystem: FileSystem,
): Inode {
  switch (entry.kind) {
    case "directory":
      return there instanceof Directory ? there : new Directory(entry.permissions);
    case "link":
      return new SymbolicLink(DECODER.decode(entry.bytes));
    case "same":
      return found(fileSystem, DECODER.decode(entry.bytes));
    case "file": {
      if (!(there instanceof RegularFile) || there.readOnly) {
        return new RegularFile(entry.permissions, entry.bytes.slice());
      }
      there.truncate(0);
      there.writeAt(0, entry.bytes);
      return there;
    }
  }
}

function found(fileSystem: FileSystem, path: string): Inode {
  const inode = lookUp(fileSystem, path);
  if (inode !== undefined) return inode;
  throw new ImageError(
    `${path}: the process had this file open, but it is not there; mount the same host files ` +
      "under the same names as when the image was taken",
  );
}

function restoreFile(state: FileState, fileSystem: FileSystem, console: Console): Inode {
  switch (state.kind) {
    case "tree":
      return found(fileSystem, state.path);
    case "unlinked":
      return fileSystem.adopt(new RegularFile(state.permissions, state.bytes.slice()));
    case "pipe":
      return fileSystem.adopt(new Pipe(state.bytes.slice()));
    default:
      return new ConsoleStream(console, state.kind);
  }
}

/** The descriptor table of an image, its files found or made in `fileSystem`. */
export function restoreFiles(
  state: FilesState,
  fileSystem: FileSystem,
  console: Console,
  limit: number,
): FileTable {
  restoreTree(state.tree, fileSystem);
  const inodes = state.files.map((file) => restoreFile(file, fileSystem, console));
  const openFiles = state.openFiles.map(({ path, flags, position, file }) => {
    const open = new OpenFile(at(inodes, file, "files"), path, flags);
    open.position = position;
    return open;
  });
  const entries = state.descriptors.map(({ number, openFile, closeOnExec }) =>
    [number, at(openFiles, openFile, "openFiles"), closeOnExec] as const
  );
  // Descriptors above a limit that was lowered later stay open.
  const table = FileTable.from(entries, Infinity);
  table.limit = Math.min(limit, MOST_DESCRIPTORS);
  return table;
}

function at<T>(list: readonly T[], index: number, name: string): T {
  const item = list[index];
  if (item !== undefined) return item;
  throw new ImageError(
    `field process.files.${name}: expected at least ${index + 1} entries, found ${list.length}; ` +
      "the image is damaged: restore from another checkpoint",
  );
}
