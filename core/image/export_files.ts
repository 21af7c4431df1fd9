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
/** Where input waits that was taken in and not read; it has no name as soon as it is open. */
const SPOOL = "/tmp/.frozen-input";
const SPOOL_MODE = 0o600;

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
    const failure = `cannot make ${SPOOL}`;
    const flags = OPEN.readWrite | OPEN.create | OPEN.exclusive;
    script.demand(missing, CALL.dup2, [0, place]);
    script.call(CALL.close, [0]);
    // Another frozen program may be at the same point, or have been killed there.
    script.call(CALL.unlink, [script.text(SPOOL)]);
    script.exactly(failure, 0, CALL.open, [script.text(SPOOL), flags, SPOOL_MODE]);
    script.call(CALL.unlink, [script.text(SPOOL)]);
    const first = [0, script.data(pending), pending.length];
    script.exactly(failure, pending.length, CALL.write, first);
    script.copy("cannot read standard input", place, 0);
    script.demand(failure, CALL.seek, [0, 0, 0, script.data(new Uint8Array(8)), SEEK_SET]);
    script.demand(failure, CALL.dup2, [0, place]);
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

/** Every open file goes to the numbers it has, and nothing else stays open. */
function addDescriptors(script: Script, files: FilesState, places: readonly number[]): void {
  const failure = "cannot give a file its descriptor";
  for (const { number, openFile, closeOnExec } of files.descriptors) {
    const place = places[openFile] as number;
    const flags = closeOnExec ? OPEN.closeOnExec : 0;
    script.demand(failure, CALL.dup3, [place, number, flags]);
  }
  const used = new Set(files.descriptors.map(({ number }) => number));
  const usual = STREAMS.map((_, number) => number).filter((number) => !used.has(number));
  for (const number of [...places, ...usual]) script.call(CALL.close, [number]);
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
