/** A disk that fails once, at a change of one's choice. */
import { ImageError } from "../../../core/image/image.ts";
import type { Directory } from "../../../core/image/store.ts";

/** A directory whose every change counts, and of which one fails: a write with half its bytes. */
export class FlakyDirectory implements Directory {
  constructor(
    private readonly inner: Directory,
    private readonly count: { changes: number; failAt: number },
  ) {}
  get where() {
    return this.inner.where;
  }
  private change(act: () => void, half = () => {}) {
    if (this.count.changes++ !== this.count.failAt) return act();
    half();
    throw new ImageError("the disk failed: expected a disk, found none");
  }
  exists = () => this.inner.exists();
  files = () => this.inner.files();
  folders = () => this.inner.folders();
  read = (name: string) => this.inner.read(name);
  folder = (name: string) => new FlakyDirectory(this.inner.folder(name), this.count);
  create = () => this.change(() => this.inner.create());
  sync = (name: string) => this.change(() => this.inner.sync(name));
  syncFolder = () => this.change(() => this.inner.syncFolder());
  rename = (from: string, to: string) => this.change(() => this.inner.rename(from, to));
  remove = (name: string) => this.change(() => this.inner.remove(name));
  removeFolder = (name: string) => this.change(() => this.inner.removeFolder(name));
  write = (name: string, bytes: Uint8Array) =>
    this.change(
      () => this.inner.write(name, bytes),
      () => this.inner.write(name, bytes.slice(0, bytes.length >>> 1)),
    );
}
