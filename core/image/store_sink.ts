/** A capture session's way into a store: the store's steps, each done when its time has come. */
import { MANIFEST_NAME } from "./codec.ts";
import type { Image, ParentLink } from "./image.ts";
import type { ImageSink, StoredImage } from "./capture_target.ts";
import type { ImageStore, Stored, StoreStep } from "./store.ts";

/** Writes one image under one label. */
export class StoreSink implements ImageSink {
  private steps: Generator<StoreStep, Stored, void> | undefined;
  private next: StoreStep | undefined;

  private stored: Stored | undefined;

  constructor(private readonly store: ImageStore, private readonly label: string) {}

  holds(link: ParentLink): boolean {
    return this.store.holdsParent(link);
  }

  writePages(image: Image): number {
    this.steps = this.store.writing(this.label, image);
    this.advance();
    return this.writeUntil((step) => step.file.startsWith(MANIFEST_NAME));
  }

  manifestBytes(): number {
    return this.writeUntil((step) => step.action === "commit");
  }

  commit(): StoredImage {
    this.writeUntil(() => false);
    // Whoever stands here has written all of it.
    const { identity, readBytes } = this.stored as Stored;
    return { image: this.label, identity, readBytes };
  }

  abandon(): void {
    this.steps?.return(undefined as never);
    this.store.sweep();
  }

  /** Does steps up to the first that `stops`, which stays to be done; the bytes they wrote. */
  private writeUntil(stops: (step: StoreStep) => boolean): number {
    let bytes = 0;
    while (this.next !== undefined && !stops(this.next)) {
      bytes += this.next.bytes;
      this.advance();
    }
    return bytes;
  }

  private advance(): void {
    const { value, done } = this.steps?.next() ?? { value: undefined, done: true };
    if (done === true) this.stored = value as Stored | undefined;
    this.next = done === true ? undefined : value as StoreStep;
  }
}
