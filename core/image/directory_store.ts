/**
 * A store in a directory: a folder for each image, named by a number and the label, so that the
 * folders alone tell which image is older and no list has to be kept beside them.
 */
import { CHANNELS_NAME, readChannels, withChannels, writingChannels } from "./channel_state.ts";
import { decode, type EncodeOptions } from "./codec.ts";
import { clearFolder, holdsImage, writingFolder } from "./directory_store_folder.ts";
import { type Image, ImageError } from "./image.ts";
import type { ArrivedState } from "./messages_state.ts";
import { allSteps, type Directory, type ImageStore, type Stored, type StoreStep } from "./store.ts";

/** Longest name of a folder; common file systems end at 255 bytes. */
const LONGEST_NAME = 200;

/** A folder of the store: the image's or what is left of one. */
interface Entry {
  readonly name: string;
  readonly number: number;
  readonly label: string;
}

const utf8 = new TextEncoder();

const percent = (byte: number): string => "%" + byte.toString(16).toUpperCase().padStart(2, "0");

/** A label as part of a file name, readable where it can be. */
const escaped = (label: string): string =>
  label.replaceAll(
    /[^A-Za-z0-9_.-]/gu,
    (character) => Array.from(utf8.encode(character), percent).join(""),
  );

function parse(name: string): Entry | undefined {
  const match = /^(\d{4,})-([A-Za-z0-9_.%-]+)$/.exec(name);
  if (match === null) return undefined;
  try {
    return { name, number: Number(match[1]), label: decodeURIComponent(match[2] as string) };
  } catch {
    // Not a name this store gave.
    return undefined;
  }
}

/** Keeps images in a directory, whichever that is. */
export class DirectoryStore implements ImageStore {
  /** The writings under way, by label; each is known by its own object. */
  private readonly underWay = new Map<string, { readonly name: string }>();

  constructor(private readonly root: Directory) {}

  get where(): string {
    return this.root.where;
  }

  *writing(
    label: string,
    image: Image,
    options: EncodeOptions = {},
  ): Generator<StoreStep, Stored, void> {
    const self = { name: this.newFolder(label) };
    this.underWay.set(label, self);
    try {
      const steps = writingFolder(this.root.folder(self.name), label, image, options);
      for (let step = steps.next();; step = steps.next()) {
        if (step.done === true) return step.value;
        yield step.value;
        // A crash while this step was waited for has ended this writing too.
        if (this.underWay.get(label) !== self) {
          throw new ImageError(
            `${this.where}: the writing of checkpoint '${label}' was ended by a crash of the ` +
              "store; take the checkpoint again",
          );
        }
      }
    } finally {
      if (this.underWay.get(label) === self) this.underWay.delete(label);
    }
  }

  write(label: string, image: Image, options: EncodeOptions = {}): Stored {
    return allSteps(this.writing(label, image, options));
  }

  read(label: string): Image {
    const folder = this.root.folder(this.committed(label).name);
    return withChannels(decode(folder), readChannels(folder, label));
  }

  /** Writes the channel state of a committed image beside it, step by step; the bytes it takes. */
  *writingChannels(
    label: string,
    messages: readonly ArrivedState[],
  ): Generator<StoreStep, number, void> {
    return yield* writingChannels(this.root.folder(this.committed(label).name), label, messages);
  }

  /** There is channel state beside that committed image. */
  holdsChannels(label: string): boolean {
    return this.root.folder(this.committed(label).name).files().includes(CHANNELS_NAME);
  }

  labels(): readonly string[] {
    return this.allCommitted().map((entry) => entry.label);
  }

  /** Where the files of a committed image are: `folder/file`. */
  filesOf(label: string): readonly string[] {
    const { name } = this.committed(label);
    return this.root.folder(name).files().map((file) => `${name}/${file}`);
  }

  /** The files of a committed image: a folder of them is one that `exec --restore` reads. */
  imageFiles(label: string): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
    const folder = this.root.folder(this.committed(label).name);
    return folder.files().map((name) => ({ name, bytes: folder.read(name).slice() }));
  }

  remove(label: string): void {
    this.clear(this.committed(label));
  }

  sweep(): readonly string[] {
    const live = new Set([...this.underWay.values()].map(({ name }) => name));
    const left = this.entries().filter(({ name }) =>
      !live.has(name) && !holdsImage(this.root.folder(name))
    );
    for (const entry of left) this.clear(entry);
    return left.map((entry) => entry.label);
  }

  /** Ends all writings under way, as a crash does; going on with one is an `ImageError`. */
  protected endWritings(): void {
    this.underWay.clear();
  }

  /** The name of the folder for an image yet to be written. */
  private newFolder(label: string): string {
    const entries = this.entries();
    const number = entries.reduce((last, entry) => Math.max(last, entry.number), 0) + 1;
    const place = `${this.where}: checkpoint ${JSON.stringify(label)}`;
    if (label === "" || !label.isWellFormed()) {
      throw new ImageError(`${place}: expected a label of at least one character; choose another`);
    }
    const name = `${number.toString().padStart(4, "0")}-${escaped(label)}`;
    if (name.length > LONGEST_NAME) {
      throw new ImageError(
        `${place}: expected a label that makes a file name of at most ${LONGEST_NAME} bytes, ` +
          `found one of ${name.length}; choose a shorter one`,
      );
    }
    if (this.labels().includes(label)) {
      throw new ImageError(
        `${place}: expected a new label, found one that is committed already; ` +
          "choose another or remove that checkpoint first",
      );
    }
    if (this.underWay.has(label)) {
      throw new ImageError(
        `${place}: expected a new label, found one that is being written; choose another`,
      );
    }
    return name;
  }

  private entries(): readonly Entry[] {
    if (!this.root.exists()) return [];
    return this.root.folders().map(parse).filter((entry) => entry !== undefined)
      .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  }

  private allCommitted(): readonly Entry[] {
    return this.entries().filter(({ name }) => holdsImage(this.root.folder(name)));
  }

  private committed(label: string): Entry {
    const all = this.allCommitted();
    const entry = all.find((entry) => entry.label === label);
    if (entry !== undefined) return entry;
    const found = all.map((entry) => `'${entry.label}'`).join(", ") || "none";
    throw new ImageError(
      `${this.where}: expected a committed checkpoint '${label}', found ${found}; ` +
        "name one of those that are there",
    );
  }

  private clear({ name }: Entry): void {
    const folder = this.root.folder(name);
    clearFolder(folder);
    // Files that are not ours stay, and with them the folder.
    if (folder.files().length + folder.folders().length === 0) this.root.removeFolder(name);
  }
}
