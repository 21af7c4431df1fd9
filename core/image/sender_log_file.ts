/**
 * What a local checkpoint holds of the sender's log: messages the process had sent before t0 and its
 * protocol may need again, and the state of its member of the protocol. They are a file beside the
 * image, written when the image is durable; without it the local checkpoint is none.
 */
import { type Check, exactly, listOf, optional, record, text, whole } from "./check.ts";
import { ImageError } from "./image.ts";
import { ARRIVED } from "./messages_state.ts";
import { sealed, unsealed } from "./sealed_file.ts";
import type { Directory, StoreStep } from "./store.ts";

/** The file's name in the folder of an image. */
export const LOG_NAME = "log.ckpt";
/** Before it is committed. */
export const UNCOMMITTED_LOG = `${LOG_NAME}.new`;

const FORMAT = "ckptlab sender log";
const VERSION = 1;

/** A message as its sender keeps it. */
export interface KeptMessage {
  /** Rank of the receiver. */
  readonly to: number;
  readonly tag: number;
  /** Its place among all messages of the process to `to`, from 0. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** What the member has put on it, if it did, and how many bytes that is on the wire. */
  readonly piggyback?: { readonly value: unknown; readonly bytes: number };
}

/** What the file holds. */
export interface SavedLog {
  readonly messages: readonly KeptMessage[];
  /** Of the member of the protocol just after t0. */
  readonly state: unknown;
}

interface LogFile extends SavedLog {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The image it belongs to. */
  readonly label: string;
}

/** The protocol's own: any plain data. */
const whatever: Check = () => undefined;

const KEPT: Check = (value, path) => {
  if (typeof value !== "object" || value === null) return `field ${path}: expected a message`;
  const { to, piggyback, ...message } = value as Readonly<Record<string, unknown>>;
  return ARRIVED({ ...message, from: to }, path) ??
    optional(record({ value: whatever, bytes: whole(0) }))(piggyback, `${path}.piggyback`);
};

const LOG = record<LogFile>({
  format: exactly(FORMAT),
  version: exactly(VERSION),
  label: text,
  messages: listOf(KEPT),
  state: whatever,
});

/** Writes it beside an image, step by step; the last but one is its commit. */
export function* writingLog(
  folder: Directory,
  label: string,
  { messages, state }: SavedLog,
): Generator<StoreStep, number, void> {
  const step = (action: StoreStep["action"], file: string, bytes = 0) => ({ action, file, bytes });
  const bytes = sealed({ format: FORMAT, version: VERSION, label, messages, state });
  const { length } = bytes;
  yield step("write", UNCOMMITTED_LOG, length);
  folder.write(UNCOMMITTED_LOG, bytes);
  yield step("sync", UNCOMMITTED_LOG);
  folder.sync(UNCOMMITTED_LOG);
  yield step("commit", LOG_NAME);
  folder.rename(UNCOMMITTED_LOG, LOG_NAME);
  yield step("sync", ".");
  folder.syncFolder();
  return length;
}

/** What is kept beside the image of that label. */
export function readLog(folder: Directory, label: string): SavedLog {
  const where = `${folder.where}/${LOG_NAME}`;
  const advice = "restart from another checkpoint";
  const file = unsealed(folder.read(LOG_NAME), where, LOG, advice);
  const { label: found, messages, state } = file as unknown as LogFile;
  if (found === label) return { messages, state };
  throw new ImageError(
    `${where}: expected the log of '${label}', found that of '${found}'; ${advice}`,
  );
}
