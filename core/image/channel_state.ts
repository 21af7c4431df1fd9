/**
 * The channel state of a local checkpoint: messages that cross the line, recorded by their receiver
 * after t0. They are a file beside the image, written when nothing more can cross; at a restart they
 * stand in the receive buffer behind those of the image.
 */
import { exactly, listOf, record, text } from "./check.ts";
import { ImageError } from "./image.ts";
import type { Image } from "./image.ts";
import { ARRIVED, type ArrivedState } from "./messages_state.ts";
import { sealed, unsealed } from "./sealed_file.ts";
import type { Directory, StoreStep } from "./store.ts";

/** The file's name in the folder of an image. */
export const CHANNELS_NAME = "channels.ckpt";
/** Before it is committed. */
export const UNCOMMITTED_CHANNELS = `${CHANNELS_NAME}.new`;

const FORMAT = "ckptlab channels";
const VERSION = 1;

interface ChannelsFile {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  /** The image it belongs to. */
  readonly label: string;
  readonly messages: readonly ArrivedState[];
}

const CHANNELS = record<ChannelsFile>({
  format: exactly(FORMAT),
  version: exactly(VERSION),
  label: text,
  messages: listOf(ARRIVED),
});

/** Writes it beside an image, step by step; the last but one is its commit. */
export function* writingChannels(
  folder: Directory,
  label: string,
  messages: readonly ArrivedState[],
): Generator<StoreStep, number, void> {
  const step = (action: StoreStep["action"], file: string, bytes = 0) => ({ action, file, bytes });
  const list = messages.map(({ from, tag, sequence, bytes }) => ({ from, tag, sequence, bytes }));
  const bytes = sealed({ format: FORMAT, version: VERSION, label, messages: list });
  const { length } = bytes;
  yield step("write", UNCOMMITTED_CHANNELS, length);
  folder.write(UNCOMMITTED_CHANNELS, bytes);
  yield step("sync", UNCOMMITTED_CHANNELS);
  folder.sync(UNCOMMITTED_CHANNELS);
  yield step("commit", CHANNELS_NAME);
  folder.rename(UNCOMMITTED_CHANNELS, CHANNELS_NAME);
  yield step("sync", ".");
  folder.syncFolder();
  return length;
}

/** What is recorded beside the image of that label: nothing where no channels were. */
export function readChannels(folder: Directory, label: string): readonly ArrivedState[] {
  if (!folder.files().includes(CHANNELS_NAME)) return [];
  const where = `${folder.where}/${CHANNELS_NAME}`;
  const advice = "restart from another checkpoint";
  const file = unsealed(folder.read(CHANNELS_NAME), where, CHANNELS, advice);
  const { label: found, messages } = file as unknown as ChannelsFile;
  if (found === label) return messages;
  throw new ImageError(
    `${where}: expected the channels of '${label}', found those of '${found}'; ${advice}`,
  );
}

/** The image with these messages at the end of its receive buffer. */
export function withChannels(image: Image, recorded: readonly ArrivedState[]): Image {
  if (recorded.length === 0) return image;
  const { manifest } = image, { process } = manifest, { messages } = process;
  const inbox = [...messages.inbox, ...recorded];
  return {
    ...image,
    manifest: { ...manifest, process: { ...process, messages: { ...messages, inbox } } },
  };
}
