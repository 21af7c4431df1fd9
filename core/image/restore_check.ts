/**
 * What a restart looks at before it touches anything: that the parts of a process state fit together
 * and fit the kernel. The table of fields has said already that each by itself is well formed.
 */
import { hex32 } from "../base/bits.ts";
import { TASK_SIZE } from "../kernel/address_space.ts";
import { Directory, SymbolicLink } from "../kernel/files/directory.ts";
import type { FileSystem } from "../kernel/files/file_system.ts";
import type { Inode } from "../kernel/files/inode.ts";
import { PIPE_CAPACITY } from "../kernel/files/pipe.ts";
import { RegularFile } from "../kernel/files/regular_file.ts";
import { PAGE_SIZE } from "../kernel/frames.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { FilesState, TreeEntryState } from "./files_state.ts";
import { type Image, ImageError, type ImagePage } from "./image.ts";
import { checkMessages } from "./messages_state.ts";
import { PROCESS, type ProcessState, type SpaceState, type ThreadState } from "./process_state.ts";
import { refusal, RESTORE_OLDER } from "./validate.ts";

/** Above this a count of cycles or instructions is no longer exact when it goes on. */
const MOST_COUNTED = 2 ** 52;
/** The greatest number of a process or thread. */
const MOST_IDS = 2 ** 31 - 2;
/** Links followed in one path, as the file system does. */
const MOST_LINKS = 40;
const DECODER = new TextDecoder();

function demand(holds: boolean, field: string, expected: string, found: string): void {
  if (!holds) throw refusal(`field process.${field}`, expected, found, RESTORE_OLDER);
}

/** What is at an absolute path, or nothing. */
export function lookUp(fileSystem: FileSystem, path: string): Inode | undefined {
  let inode: Inode | undefined = fileSystem.root;
  for (const name of path.split("/").filter((part) => part !== "")) {
    inode = inode instanceof Directory ? inode.lookup(name) : undefined;
  }
  return inode;
}

function checkSpace({ vmas, heapStart, heapEnd, stackTop }: SpaceState): void {
  let free = PAGE_SIZE;
  for (const [index, { start, end, backing }] of vmas.entries()) {
    const field = `space.vmas[${index}]`;
    const found = `${hex32(start)} to ${hex32(end)}`;
    const aligned = start % PAGE_SIZE === 0 && end % PAGE_SIZE === 0;
    demand(aligned && start < end, field, `whole pages of ${PAGE_SIZE} bytes`, found);
    demand(end <= TASK_SIZE, field, `user addresses below ${hex32(TASK_SIZE)}`, found);
    demand(start >= free, field, `an area from ${hex32(free)} on, after those before it`, found);
    free = end;
    if (backing === undefined) continue;
    const offset = backing.offset % PAGE_SIZE === 0;
    demand(offset, `${field}.backing.offset`, "a multiple of the page size", `${backing.offset}`);
  }
  demand(stackTop <= TASK_SIZE, "space.stackTop", "a user address", hex32(stackTop));
  const heap = `${hex32(heapStart)} to ${hex32(heapEnd)}`;
  demand(
    heapStart <= heapEnd && heapEnd <= TASK_SIZE,
    "space.heapEnd",
    "an end after the start",
    heap,
  );
}

function checkPages(pages: readonly ImagePage[], { vmas }: SpaceState): void {
  let index = 0;
  for (const { vpn, source } of pages) {
    const address = vpn * PAGE_SIZE;
    while ((vmas[index]?.end ?? Infinity) <= address) index++;
    const vma = vmas[index];
    const inside = vma !== undefined && vma.start <= address;
    const place = `page ${hex32(address)}`;
    if (!inside) throw refusal(place, "a page of one of the areas", "none there", RESTORE_OLDER);
    if (source === "executable" && vma.backing === undefined) {
      throw refusal(place, "an area of the executable", `one of kind '${vma.kind}'`, RESTORE_OLDER);
    }
  }
}

function checkThreads(threads: readonly ThreadState[]): void {
  demand(threads.length > 0, "threads", "at least one", "none");
  const seen = new Set<number>();
  for (const [index, { id }] of threads.entries()) {
    const field = `threads[${index}].id`;
    demand(id <= MOST_IDS, field, `a number up to ${MOST_IDS}`, `${id}`);
    demand(!seen.has(id), field, "each thread once", `${id} a second time`);
    seen.add(id);
  }
}

/** Numbers that would lose their last digits here, or have no meaning at all. */
function checkNumbers(state: ProcessState, scale: number): void {
  const { id, cycles, instructions, systemCalls, clock, startedAt, timers, threads } = state;
  demand(id <= MOST_IDS, "id", `a number up to ${MOST_IDS}`, `${id}`);
  for (const [name, count] of Object.entries({ cycles, instructions, systemCalls })) {
    demand(count <= MOST_COUNTED, name, `at most ${MOST_COUNTED}`, `${count}`);
  }
  const { real, virtual, profile } = timers;
  const times: readonly (readonly [string, number | undefined])[] = [
    ["clock", clock],
    ["startedAt", startedAt],
    ["timers.real.at", real.at],
    ["timers.virtual.at", virtual.at],
    ["timers.profile.at", profile.at],
    ...threads.map(({ call }, index) =>
      [`threads[${index}].call.deadline`, call?.deadline] as const
    ),
  ];
  for (const [field, at = 0] of times) {
    const expected = `a moment within ${MOST_COUNTED} cycles of this machine`;
    demand(Math.abs(at * scale) <= MOST_COUNTED, field, expected, `${at}`);
  }
}

/** What a path will lead to once the tree is restored. */
type Kind = "directory" | "file" | "other" | { readonly link: string };

/** The file system as it will be: the image's tree over what is there. */
class Prospect {
  private readonly planned = new Map<string, Kind>();

  constructor(private readonly fileSystem: FileSystem) {}

  plan(path: string, kind: Kind): void {
    this.planned.set(path, kind);
  }

  /** Only what the image itself brings. */
  own(path: string): Kind | undefined {
    return this.planned.get(path);
  }

  at(path: string): Kind | undefined {
    const own = path === "" ? "directory" : this.planned.get(path);
    if (own !== undefined) return own;
    const above = this.planned.get(path.slice(0, path.lastIndexOf("/")));
    if (above !== undefined && above !== "directory") return undefined;
    const inode = lookUp(this.fileSystem, path);
    if (inode instanceof SymbolicLink) return { link: inode.target };
    if (inode instanceof Directory) return "directory";
    return inode === undefined ? undefined : inode instanceof RegularFile ? "file" : "other";
  }

  /** Whether a path leads to a regular file, by way of links too. */
  isFile(path: string, links = 0): boolean {
    let at = "";
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    for (const [index, name] of parts.entries()) {
      if (name === "..") {
        at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
        continue;
      }
      const kind = this.at(`${at}/${name}`);
      if (typeof kind === "object") {
        if (links >= MOST_LINKS) return false;
        const base = kind.link.startsWith("/") ? "" : at;
        const rest = parts.slice(index + 1);
        return this.isFile([base, kind.link, ...rest].join("/"), links + 1);
      }
      at += `/${name}`;
    }
    return this.at(at) === "file";
  }
}

function checkEntry(entry: TreeEntryState, field: string, to: Prospect, there: FileSystem): void {
  const { path, kind, bytes } = entry;
  const name = JSON.stringify(path);
  const parts = path.split("/");
  const proper = parts.length > 1 && parts[0] === "" &&
    parts.slice(1).every((part) => part !== "" && part !== "." && part !== "..");
  demand(proper, `${field}.path`, "an absolute path", name);
  demand(to.own(path) === undefined, `${field}.path`, "each path once", `${name} a second time`);
  const parent = parts.slice(0, -1).join("/");
  const afterParent = parent === "" || to.own(parent) === "directory";
  demand(afterParent, `${field}.path`, "folders before what is in them", name);
  const folder = lookUp(there, parent);
  const stays = kind === "directory" && lookUp(there, path) instanceof Directory;
  if (folder?.readOnly === true && folder instanceof Directory && !stays) {
    throw new ImageError(
      `${path}: the process had its own ${kind} there, but '${parent}' is mounted from the host; ` +
        "mount it at another place",
    );
  }
  if (kind === "same") {
    const first = DECODER.decode(bytes);
    const target = to.own(first);
    const found = target === undefined ? `${JSON.stringify(first)}, which is none` : "a folder";
    const sound = target !== undefined && target !== "directory";
    demand(sound, `${field}.bytes`, "the path of a file listed before", found);
    if (target !== undefined) to.plan(path, target);
  } else to.plan(path, kind === "link" ? { link: DECODER.decode(bytes) } : kind);
}

function checkFiles(state: FilesState, fileSystem: FileSystem): Prospect {
  const { tree, files, openFiles, descriptors } = state;
  const prospect = new Prospect(fileSystem);
  for (const [index, entry] of tree.entries()) {
    checkEntry(entry, `files.tree[${index}]`, prospect, fileSystem);
  }
  for (const [index, { kind, path, bytes }] of files.entries()) {
    const field = `files.files[${index}]`;
    if (kind === "pipe") {
      const full = `at most ${PIPE_CAPACITY} bytes in a pipe`;
      demand(bytes.length <= PIPE_CAPACITY, `${field}.bytes`, full, `${bytes.length}`);
    }
    if (kind !== "tree" || prospect.at(path === "/" ? "" : path) !== undefined) continue;
    throw new ImageError(
      `${path}: the process had this file open, but it is not there; mount the same host files ` +
        "under the same names as when the image was taken",
    );
  }
  for (const [index, { file }] of openFiles.entries()) {
    const expected = `the place of one of ${files.length} files`;
    demand(file < files.length, `files.openFiles[${index}].file`, expected, `${file}`);
  }
  const numbers = new Set<number>();
  for (const [index, { number, openFile }] of descriptors.entries()) {
    const field = `files.descriptors[${index}]`;
    const expected = `the place of one of ${openFiles.length} open files`;
    demand(openFile < openFiles.length, `${field}.openFile`, expected, `${openFile}`);
    demand(!numbers.has(number), `${field}.number`, "each number once", `${number} again`);
    numbers.add(number);
  }
  return prospect;
}

/**
 * Checks all of an image that its own files do not tell: a restart that passes here does not fail
 * later. Touches nothing. Throws {@linkcode ImageError}.
 */
export function checkProcess(image: Image, kernel: Kernel): void {
  const { manifest: { process: state, executable }, pages } = image;
  const problem = PROCESS(state, "process");
  if (problem !== undefined) throw new ImageError(`${problem}; ${RESTORE_OLDER}`);
  checkSpace(state.space);
  checkPages(pages, state.space);
  checkThreads(state.threads);
  checkNumbers(state, kernel.clockHz / state.clockHz);
  checkMessages(state.messages, demand);
  const prospect = checkFiles(state.files, kernel.fileSystem);
  for (const { backing } of state.space.vmas) {
    if (backing === undefined || backing.path === executable.path) continue;
    if (prospect.isFile(backing.path)) continue;
    throw new ImageError(
      `the process had '${backing.path}' mapped, but it is not there; mount it again`,
    );
  }
  const needed = pages.filter(({ bytes }) => bytes !== undefined).length;
  if (needed <= kernel.frames.available) return;
  throw new ImageError(
    `the node has ${kernel.frames.available} free pages of memory, too few for the image's ` +
      `${needed}; restore on a node with more`,
  );
}
