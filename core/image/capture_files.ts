/** Files of a process as plain data: which descriptors share what, and the tree they lie in. */
import { ConsoleStream } from "../kernel/files/console.ts";
import { Device } from "../kernel/files/device.ts";
import { Directory, SymbolicLink } from "../kernel/files/directory.ts";
import type { FileSystem } from "../kernel/files/file_system.ts";
import type { Inode } from "../kernel/files/inode.ts";
import type { OpenFile } from "../kernel/files/open_file.ts";
import { Pipe } from "../kernel/files/pipe.ts";
import { RegularFile } from "../kernel/files/regular_file.ts";
import type { Process } from "../kernel/process.ts";
import type { DescriptorState, FilesState, FileState, TreeEntryState } from "./files_state.ts";
import { ImageError } from "./image.ts";

const ENCODER = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** Everything about files, at this instant. */
export function captureFiles(process: Process, fileSystem: FileSystem): FilesState {
  const { tree, paths } = captureTree(fileSystem);
  const openFiles = new Map<OpenFile, number>();
  const inodes = new Map<Inode, number>();
  const descriptors: DescriptorState[] = [];
  for (const [number, { file, closeOnExec }] of process.files.all) {
    const openFile = placeOf(openFiles, file);
    placeOf(inodes, file.inode);
    descriptors.push({ number, openFile, closeOnExec });
  }
  return {
    descriptors,
    openFiles: [...openFiles.keys()].map(({ path, flags, position, inode }) => ({
      path,
      flags,
      position,
      file: placeOf(inodes, inode),
    })),
    files: [...inodes.keys()].map((inode) => fileState(inode, paths)),
    tree,
    console: process.console.record,
  };
}

/** The place of an item in the order of first mention. */
function placeOf<T>(places: Map<T, number>, item: T): number {
  const known = places.get(item);
  if (known !== undefined) return known;
  places.set(item, places.size);
  return places.size - 1;
}

function fileState(inode: Inode, paths: ReadonlyMap<Inode, string>): FileState {
  const { permissions } = inode;
  if (inode instanceof ConsoleStream) {
    return { kind: inode.stream, path: "", bytes: NOTHING, permissions };
  }
  if (inode instanceof Pipe) {
    return { kind: "pipe", path: "", bytes: inode.bytes.slice(), permissions };
  }
  const path = paths.get(inode);
  if (path !== undefined) return { kind: "tree", path, bytes: NOTHING, permissions };
  if (inode instanceof RegularFile) {
    return { kind: "unlinked", path: "", bytes: inode.bytes.slice(), permissions };
  }
  throw new ImageError(
    `an open ${inode.kind} that is no longer in the file system cannot be saved; close it, or ` +
      "take the checkpoint before it is removed",
  );
}

/** The in-memory tree, parents before children; what the host lends is left out but keeps its name. */
function captureTree(
  fileSystem: FileSystem,
): { tree: TreeEntryState[]; paths: Map<Inode, string> } {
  const tree: TreeEntryState[] = [];
  const paths = new Map<Inode, string>([[fileSystem.root, "/"]]);
  const walk = (directory: Directory, prefix: string): void => {
    for (const name of directory.known()) {
      const inode = directory.lookup(name) as Inode;
      const path = `${prefix}/${name}`;
      const first = paths.get(inode);
      if (first === undefined) paths.set(inode, path);
      if (!inode.readOnly && !(inode instanceof Device)) {
        tree.push(entryState(inode, path, first));
      }
      if (inode instanceof Directory) walk(inode, path);
    }
  };
  walk(fileSystem.root, "");
  return { tree, paths };
}

function entryState(inode: Inode, path: string, first: string | undefined): TreeEntryState {
  const common = {
    path,
    permissions: inode.permissions,
    modifiedSeconds: inode.modified.seconds,
    modifiedNanoseconds: inode.modified.nanoseconds,
  };
  if (first !== undefined) return { ...common, kind: "same", bytes: ENCODER.encode(first) };
  if (inode instanceof Directory) return { ...common, kind: "directory", bytes: NOTHING };
  if (inode instanceof SymbolicLink) {
    return { ...common, kind: "link", bytes: ENCODER.encode(inode.target) };
  }
  if (inode instanceof RegularFile) return { ...common, kind: "file", bytes: inode.bytes.slice() };
  throw new ImageError(`${path}: an image cannot hold a ${inode.kind} in the file system`);
}
