/** The descriptors of a frozen program, as steps of its script. */
import { CHANGEABLE, OPEN } from "../kernel/files/open_file.ts";
import { STREAMS } from "../kernel/files/console.ts";
import { CALL, type Script } from "./export_script.ts";
import type { FilesState, FileState, OpenFileState } from "./files_state.ts";
import type { ProcessState } from "./process_state.ts";

/** Flags of open(2) that say how a file is used; the others say how it comes to be. */
const USE = OPEN.accessMode | OPEN.append | OPEN.nonBlocking | OPEN.directory | OPEN.noFollow |
  OPEN.largeFile | OPEN.path;
const SET_FLAGS = 4, SEEK_SET = 0;
const READ_END = 0, WRITE_END = 1;
/** Folders that every system has. */
const USUAL_FOLDERS: readonly string[] = ["/dev", "/tmp", "/home", "/etc"];
/** Where input waits that was taken in and not read: a file that has no name, or soon none. */
const SPOOL_FOLDER = "/tmp";
const TEMPORARY = 0o20000000 | OPEN.directory; // O_TMPFILE
const SPOOL_MODE = 0o600;
const LAST_NUMBER = 0xffffffff;
/**
 * Names for it where the kernel or the file system makes no file without one. Each that is there is
 * removed before: it is left of a frozen program that was killed, or of one that has it open and
 * needs the name no more. If it is somebody else's, the next name will do.
 */
const SPOOLS = [1, 2, 3, 4].map((n) => `${SPOOL_FOLDER}/.frozen-input-${n}`);

/** Numbers that no descriptor has, from 3 on: open files wait there for their place. */
function* freeNumbers({ descriptors }: FilesState): Generator<number, never> {
  const taken = new Set(descriptors.map(({ number }) => number));
  for (let number = STREAMS.length;; number++) if (!taken.has(number)) yield number;
}

/** The spare number of each open file, in their order. */
function placesOf(files: FilesState): readonly number[] {
  const free = freeNumbers(files);
  return files.openFiles.map(() => free.next().value);
}

const isConsole = ({ kind }: FileState): boolean => (STREAMS as readonly string[]).includes(kind);

function setFlags(script: Script, place: number, flags: number): void {
  const changed = flags & CHANGEABLE;
  if (changed === 0) return;
  script.demand("cannot set the flags of a file", CALL.fcntl, [place, SET_FLAGS, changed]);
}

/** A pipe whose ends are descriptors 0 and 1, which are free, with these bytes in it. */
function addPipe(script: Script, bytes: Uint8Array): void {
  script.exactly("cannot make a pipe", READ_END, CALL.pipe, []);
  if (bytes.length === 0) return;
  const args = [WRITE_END, script.data(bytes), bytes.length];
  script.exactly("cannot fill a pipe", bytes.length, CALL.write, args);
}

const closeEnds = (script: Script): void => {
  for (const end of [READ_END, WRITE_END]) script.call(CALL.close, [end]);
};

/** Opens the file input waits in as the lowest descriptor that is free. */
function addSpool(script: Script, failure: string): void {
  const names = SPOOLS.map((name) => script.text(name));
  const flags = OPEN.readWrite | OPEN.create | OPEN.exclusive;
  const without = [script.text(SPOOL_FOLDER), OPEN.readWrite | TEMPORARY, SPOOL_MODE];
  const unlinkAll = () => {
    for (const name of names) script.call(CALL.unlink, [name]);
  };
  unlinkAll();
  script.firstOf(failure, [
    [CALL.open, without],
    ...names.map((name) => [CALL.open, [name, flags, SPOOL_MODE]] as const),
  ]);
  unlinkAll();
}

/** Whether a frozen program reads all of its standard input before it goes on. */
export const readsInputFirst = ({ console, files, openFiles }: FilesState): boolean =>
  console.pending.length > 0 && !console.ended &&
  openFiles.some(({ file }) => files[file]?.kind === "input");

/**
 * Standard input: what was taken in and not read comes first. If more may come, all of it up to its
 * end is put behind that, in a file without a name.
 */
function addInput(script: Script, { pending, ended }: FilesState["console"], place: number): void {
  const missing = "standard input is not open";
  if (pending.length === 0 && !ended) {
    script.demand(missing, CALL.dup2, [0, place]);
    return;
  }
  if (!ended) {
    const unwritten = `cannot keep standard input in ${SPOOL_FOLDER}`;
    script.demand(missing, CALL.dup2, [0, place]);
    script.call(CALL.close, [0]);
    addSpool(script, unwritten);
    const first = [0, script.data(pending), pending.length];
    script.exactly(unwritten, pending.length, CALL.write, first);
    script.copy({ unread: "cannot read standard input", unwritten }, place, 0);
    script.demand(unwritten, CALL.seek, [0, 0, 0, script.data(new Uint8Array(8)), SEEK_SET]);
    script.demand(unwritten, CALL.dup2, [0, place]);
    return;
  }
  closeEnds(script);
  addPipe(script, pending);
  script.demand("cannot make a pipe", CALL.dup2, [READ_END, place]);
  closeEnds(script);
}

function addConsole(script: Script, files: FilesState, places: readonly number[]): void {
  // Output and error first: input may need descriptors 0 and 1.
  for (const [number, stream] of [...STREAMS.entries()].reverse()) {
    let first: number | undefined;
    for (const [index, { file, flags }] of files.openFiles.entries()) {
      if (files.files[file]?.kind !== stream) continue;
      const place = places[index] as number;
      if (first !== undefined) script.demand("cannot copy a stream", CALL.dup2, [first, place]);
      else if (stream === "input") addInput(script, files.console, place);
      else script.demand(`standard ${stream} is not open`, CALL.dup2, [number, place]);
      first ??= place;
      setFlags(script, place, flags);
    }
  }
  closeEnds(script);
}

function addNamed(script: Script, path: string, open: OpenFileState, place: number): void {
  const failure = `cannot open ${path}`;
  script.exactly(failure, 0, CALL.open, [script.text(path), open.flags & USE, 0]);
  if (open.position > 0) {
    const high = Math.floor(open.position / 2 ** 32), low = open.position % 2 ** 32;
    const result = script.data(new Uint8Array(8));
    script.demand(`cannot seek in ${path}`, CALL.seek, [0, high, low, result, SEEK_SET]);
  }
  script.demand(failure, CALL.dup2, [0, place]);
  script.call(CALL.close, [0]);
}

function addOpenFiles(script: Script, files: FilesState, places: readonly number[]): void {
  for (const [index, file] of files.files.entries()) {
    if (isConsole(file)) continue;
    const users = files.openFiles.flatMap((open, k) =>
      open.file === index ? [{ open, place: places[k] as number }] : []
    );
    if (file.kind === "tree") {
      for (const { open, place } of users) addNamed(script, file.path, open, place);
      continue;
    }
    addPipe(script, file.bytes);
    for (const { open: { flags }, place } of users) {
      const end = (flags & OPEN.accessMode) === OPEN.writeOnly ? WRITE_END : READ_END;
      script.demand("cannot copy an end of a pipe", CALL.dup2, [end, place]);
      setFlags(script, place, flags);
    }
    closeEnds(script);
  }
}

/**
 * Every open file goes to the numbers it has, and nothing else stays open: neither the loader's nor
 * what whoever starts the program has left open.
 */
function addDescriptors(script: Script, files: FilesState, places: readonly number[]): void {
  const failure = "cannot give a file its descriptor";
  for (const { number, openFile, closeOnExec } of files.descriptors) {
    const place = places[openFile] as number;
    const flags = closeOnExec ? OPEN.closeOnExec : 0;
    script.demand(failure, CALL.dup3, [place, number, flags]);
  }
  const used = files.descriptors.map(({ number }) => number).sort((a, b) => a - b);
  let first = 0;
  for (const number of [...used, LAST_NUMBER + 1]) {
    if (number > first) script.close("cannot close other files", first, number - 1);
    first = number + 1;
  }
}

/** Makes the folders, opens the files, and gives them their descriptors. */
export function addFiles(script: Script, { files, cwd, umask }: ProcessState): void {
  script.call(CALL.umask, [0]);
  for (const { path, kind, permissions } of files.tree) {
    if (kind !== "directory" || USUAL_FOLDERS.includes(path)) continue;
    script.make(`cannot make ${path}`, CALL.mkdir, [script.text(path), permissions]);
  }
  const places = placesOf(files);
  addConsole(script, files, places);
  addOpenFiles(script, files, places);
  addDescriptors(script, files, places);
  script.demand(`cannot go to ${cwd}`, CALL.chdir, [script.text(cwd)]);
  script.call(CALL.umask, [umask]);
}
