/**
 * A store in a directory: a folder for each image, named by a number and the label, so that the
 * folders alone tell which image is older and no list has to be kept beside them.
 */
import { CHANNELS_NAME, readChannels, withChannels, writingChannels } from "./channel_state.ts";
import {
  decode,
  decodeManifest,
  encode,
  type EncodeOptions,
  identityOf,
  MANIFEST_NAME,
} from "./codec.ts";
import {
  clearFolder,
  holdsImage,
  holdsParent,
  PARENT_NAME,
  retireFolder,
  writingByContent,
  writingFolder,
} from "./directory_store_folder.ts";
import { type Image, ImageError, type ParentLink } from "./image.ts";
import { checkChild, checkIdentity, type ReadImage, squash } from "./image_chain.ts";
import type { ArrivedState } from "./messages_state.ts";
import { encodeByContent } from "./codec_content.ts";
import { pageFile, PagePool, POOL_NAME } from "./page_pool.ts";
import { LOG_NAME, readLog, type SavedLog, writingLog } from "./sender_log_file.ts";
import {
  allSteps,
  type Directory,
  type ImageStore,
  NO_PINS,
  type Pins,
  type Stored,
  type StoreStep,
} from "./store.ts";

/** Longest name of a folder; common file systems end at 255 bytes. */
const LONGEST_NAME = 200;

/** A folder of the store: the image's or what is left of one. */
interface Entry {
  readonly name: string;
  readonly number: number;
  readonly label: string;
}

/** A parent as far as whoever writes a child must know it. */
export interface KnownParent {
  readonly folder: string;
  readonly manifest: Uint8Array;
}

/** What a disk has already, as far as whoever writes an image elsewhere must know it. */
export interface KnownDisk {
  /** The image a new one may build on. */
  readonly parent?: KnownParent;
  /** The pages kept by content, by their keys. */
  readonly pages?: readonly string[];
}

/** The place of an image in its chain. */
interface Placed {
  readonly identity: string;
  readonly parent: ParentLink | undefined;
  /** Of its pages, where they are kept by content. */
  readonly keys: readonly string[] | undefined;
}

/** A writing under way. */
interface Writing {
  /** Of its folder. */
  readonly name: string;
  /** Of the pages it will name. */
  keys: readonly string[];
}

/** How a store keeps images. */
export interface StoreOptions {
  /** Each page once for all images, under the hash of its content, and never compressed. */
  readonly byContent?: boolean;
}

/** The name the manifest has in a folder. */
const manifestIn = (folder: Directory): string => holdsParent(folder) ? PARENT_NAME : MANIFEST_NAME;

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
  private readonly underWay = new Map<string, Writing>();
  /** Pages kept once for all images; nothing where each image has its own. */
  protected readonly pool: PagePool | undefined;

  constructor(private readonly root: Directory, { byContent = false }: StoreOptions = {}) {
    if (byContent) this.pool = new PagePool(root.folder(POOL_NAME));
  }

  get where(): string {
    return this.root.where;
  }

  *writing(
    label: string,
    image: Image,
    options: EncodeOptions = {},
  ): Generator<StoreStep, Stored, void> {
    const self: Writing = { name: this.newFolder(label), keys: [] };
    this.checkParent(label, image);
    this.underWay.set(label, self);
    try {
      const steps = this.steps(self, label, image, options);
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

  private steps(
    self: Writing,
    label: string,
    image: Image,
    options: EncodeOptions,
  ): Generator<StoreStep, Stored, void> {
    const { pool } = this, folder = this.root.folder(self.name);
    if (pool === undefined) return writingFolder(folder, label, image, options);
    const content = encodeByContent(image);
    self.keys = [...content.pages.keys()];
    return writingByContent(folder, pool, self.name, label, content);
  }

  write(label: string, image: Image, options: EncodeOptions = {}): Stored {
    return allSteps(this.writing(label, image, options));
  }

  read(label: string): Image {
    const folder = this.root.folder(this.committed(label).name);
    const parentOf = (link: ParentLink) => this.parent(link);
    const image = squash(this.decode(folder), folder.where, parentOf);
    // Whoever goes back to it needs its log too, so one that is damaged makes the image none.
    if (folder.files().includes(LOG_NAME)) readLog(folder, label);
    return withChannels(image, readChannels(folder, label));
  }

  private decode(folder: Directory, file = decodeManifest(folder)): Image {
    return decode(folder, file, this.pool);
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

  /** Writes the sender's log of a committed image beside it, step by step; the bytes it takes. */
  *writingLog(label: string, log: SavedLog): Generator<StoreStep, number, void> {
    return yield* writingLog(this.root.folder(this.committed(label).name), label, log);
  }

  /** There is a sender's log beside that committed image. */
  holdsLog(label: string): boolean {
    return this.root.folder(this.committed(label).name).files().includes(LOG_NAME);
  }

  /** The sender's log beside that committed image. */
  readLog(label: string): SavedLog {
    return readLog(this.root.folder(this.committed(label).name), label);
  }

  labels(): readonly string[] {
    return this.allCommitted().map((entry) => entry.label);
  }

  /** Where the files of a committed image are: `folder/file`; shared ones among them. */
  filesOf(label: string): readonly string[] {
    const entry = this.committed(label), { name } = entry;
    const own = this.root.folder(name).files().map((file) => `${name}/${file}`);
    const keys = new Set(this.fileOf(entry)?.keys);
    return [...own, ...[...keys].map((key) => `${POOL_NAME}/${pageFile(key)}`)];
  }

  /** The files of a committed image: a folder of them is one that `exec --restore` reads. */
  imageFiles(label: string): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
    const folder = this.root.folder(this.committed(label).name);
    // What needs a parent, or shares pages, goes as one that needs nothing.
    const { keys, manifest: { parent } } = decodeManifest(folder);
    if (keys !== undefined || parent !== undefined) return encode(this.read(label));
    return folder.files().map((name) => ({ name, bytes: folder.read(name).slice() }));
  }

  remove(label: string, pinned = NO_PINS): void {
    const entry = this.committed(label);
    const others = this.roots(pinned).filter(({ name }) => name !== entry.name);
    if (pinned.images.has(label) || this.needed(others).has(entry.name)) {
      return retireFolder(this.root.folder(entry.name));
    }
    this.clear(entry);
    this.collect(pinned);
  }

  collect(pinned = NO_PINS): void {
    this.collectParents(pinned);
    if (this.pool === undefined) return;
    const keys = new Set(pinned.pages);
    const writings = [...this.underWay.values()];
    for (const writing of writings) for (const key of writing.keys) keys.add(key);
    const there = this.entries().filter(({ name }) => this.isOpen(name) === false);
    for (const entry of there) for (const key of this.fileOf(entry)?.keys ?? []) keys.add(key);
    this.pool.collect(keys, (writer) => this.isOpen(writer) === true);
  }

  /** The pages kept by content, by their keys; nothing where images have their own. */
  get pageKeys(): readonly string[] | undefined {
    return this.pool?.keys;
  }

  /** That folder has neither an image nor a parent: somebody may write it; nothing: it is not there. */
  private isOpen(name: string): boolean | undefined {
    if (!this.root.folders().includes(name)) return undefined;
    const folder = this.root.folder(name);
    return !holdsImage(folder) && !holdsParent(folder);
  }

  private collectParents(pinned: Pins): void {
    const retired = this.entries().filter(({ name }) => holdsParent(this.root.folder(name)));
    if (retired.length === 0) return;
    const roots = this.roots(pinned), needed = this.needed(roots);
    for (const { name } of roots) needed.add(name);
    // The youngest first: whatever stops this, what is left of a chain has its parents.
    for (const entry of retired.reverse()) if (!needed.has(entry.name)) this.clear(entry);
  }

  /** The images that are there for their own sake: committed, or pinned. */
  private roots({ images }: Pins): readonly Entry[] {
    return this.entries().filter(({ name, label }) => {
      const folder = this.root.folder(name);
      return holdsImage(folder) || images.has(label) && holdsParent(folder);
    });
  }

  /** The parent of that link is there, as the image it was. */
  holdsParent(link: ParentLink): boolean {
    return this.parentEntry(link) !== undefined;
  }

  /**
   * The manifest of the newest image of that label, committed or only a parent, and where it lies:
   * what a store must have of a parent.
   */
  manifestOf(label: string): KnownParent | undefined {
    const entry = this.named(label).at(-1);
    if (entry === undefined) return undefined;
    const folder = this.root.folder(entry.name);
    return { folder: entry.name, manifest: folder.read(manifestIn(folder)) };
  }

  /** The labels of the newest image of that label and of those it builds on. */
  chainOf(label: string): ReadonlySet<string> {
    const own = this.named(label).at(-1);
    if (own === undefined) return new Set();
    const needed = this.needed([own]);
    const older = this.entries().filter(({ name }) => needed.has(name)).map(({ label }) => label);
    return new Set([label, ...older]);
  }

  sweep(spared: ReadonlySet<string> = new Set()): readonly string[] {
    const live = new Set([...this.underWay.values()].map(({ name }) => name));
    const left = this.entries().filter(({ name, label }) => {
      const folder = this.root.folder(name);
      return !live.has(name) && !spared.has(label) && !holdsImage(folder) && !holdsParent(folder);
    });
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

  /** An image with a parent is written only where the parent is, and has what is left to it. */
  private checkParent(label: string, image: Image): void {
    const { parent: link } = image.manifest;
    if (link === undefined) return;
    const place = `${this.where}: checkpoint ${JSON.stringify(label)}`;
    const entry = this.parentEntry(link);
    if (entry === undefined) throw new ImageError(`${place}: ${this.noParent(link)}`);
    const folder = this.root.folder(entry.name);
    checkChild(image, decodeManifest(folder, manifestIn(folder)), `${place}: its parent`);
  }

  private parent(link: ParentLink): ReadImage {
    // One of that name that is damaged says itself what is wrong with it.
    const entry = this.parentEntry(link) ?? this.named(link.image)[0];
    if (entry === undefined) throw new ImageError(this.noParent(link));
    const folder = this.root.folder(entry.name);
    const file = decodeManifest(folder, manifestIn(folder));
    checkIdentity(link, file, folder.where);
    return { image: this.decode(folder, file), file };
  }

  private noParent({ image, identity }: ParentLink): string {
    const found = this.named(image).length === 0 ? "none of that name" : "another of that name";
    return `expected its parent '${image}' of SHA-256 ${identity} in ${this.where}, found ` +
      `${found}; restore from another checkpoint`;
  }

  /** The images of that label: one may be committed, others only parents. */
  protected named(label: string): readonly Entry[] {
    return this.entries().filter(({ name, label: own }) => {
      const folder = this.root.folder(name);
      return own === label && (holdsImage(folder) || holdsParent(folder));
    });
  }

  private parentEntry(link: ParentLink): Entry | undefined {
    return this.named(link.image).find((each) => this.fileOf(each)?.identity === link.identity);
  }

  /** Names of the folders that these images need, their own aside; what is damaged needs nothing. */
  protected needed(by: readonly Entry[]): Set<string> {
    const needed = new Set<string>();
    for (const each of by) {
      let link = this.fileOf(each)?.parent;
      while (link !== undefined) {
        const parent = this.parentEntry(link);
        if (parent === undefined || needed.has(parent.name)) break;
        needed.add(parent.name);
        link = this.fileOf(parent)?.parent;
      }
    }
    return needed;
  }

  /** What the manifest of a folder says of its place in a chain; nothing where it cannot be read. */
  private fileOf({ name }: Entry): Placed | undefined {
    const folder = this.root.folder(name);
    try {
      const file = decodeManifest(folder, manifestIn(folder));
      const { manifest: { parent }, keys } = file;
      return { identity: identityOf(file), parent, keys };
    } catch (error) {
      if (error instanceof ImageError) return undefined;
      throw error;
    }
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
