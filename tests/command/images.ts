/** Images of a real program, small, and forgeries of them whose hashes fit. */
import {
  type Checkpointer,
  type EncodedFile,
  type Image,
  PROFILE,
  ProgramRun,
  readOptions,
} from "../../core/mod.ts";
import { checkpointers } from "../../mod.ts";
import { type Files, guest } from "./workshop.ts";

/** Instructions after which the images are taken: in the midst of counting. */
export const TAKEN_AT = 1000;
/** Where the images say their program lies, below the folder of a test. */
export const PROGRAM = "counter.elf";

/** A small node for programs that need little. */
export const smallProfile = readOptions(PROFILE, { ram: 2 ** 20 }).values;

/** An image of the counting guest, taken by a checkpointer; `path` is the program's. */
export function takeImage(checkpointer: string, path: string): Image {
  const run = ProgramRun.start({ profile: smallProfile, seed: 0, console: {} }, {
    path,
    executable: guest("counter"),
    args: ["3", "400"],
  });
  run.runTo(TAKEN_AT);
  const row = checkpointers.find(({ name }) => name === checkpointer);
  if (row === undefined) throw new Error(`there is no checkpointer '${checkpointer}'`);
  return run.checkpoint(row as Checkpointer, readOptions(row.options, {}).values).image;
}

/** An image's files in a folder of that name. */
export const imageFiles = (folder: string, files: readonly EncodedFile[]): Files =>
  Object.fromEntries(files.map(({ name, bytes }) => [`${folder}/${name}`, bytes]));

/** A list or record that a forger changes. */
export type Slot = Record<string, unknown>;

/** Puts a value at a place such as `threads.0.registers.pc`; undefined takes the field away. */
export function put(target: unknown, place: string, value: unknown): void {
  const steps = place.split(".");
  const last = steps.pop() ?? "";
  const owner = steps.reduce((slot, step) => (slot as Slot)[step], target) as Slot;
  if (value === undefined && Array.isArray(owner)) owner.splice(Number(last), 1);
  else if (value === undefined) delete owner[last];
  // Lists have no holes, however much an earlier change has taken out of them.
  else if (Array.isArray(owner)) owner[Math.min(Number(last), owner.length)] = value;
  else owner[last] = value;
}

/** The image with other values in its process state. */
export function forged(image: Image, changes: Readonly<Record<string, unknown>>): Image {
  const process = structuredClone(image.manifest.process);
  for (const [place, value] of Object.entries(changes)) put(process, place, value);
  return { ...image, manifest: { ...image.manifest, process } };
}
