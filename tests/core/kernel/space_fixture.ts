/** An address space without a machine: frames over plain memory, a TLB that only takes notes. */
import { AddressSpace } from "../../../core/kernel/address_space.ts";
import { Frames, PAGE_SIZE } from "../../../core/kernel/frames.ts";
import type { WriteGuard, Writer } from "../../../core/kernel/guard.ts";
import { ALL_QUARTERS, type Page } from "../../../core/kernel/page.ts";
import { UserMemory } from "../../../core/kernel/user_memory.ts";
import type { BackingFile } from "../../../core/kernel/vma.ts";

export const READ_WRITE = 3;

/** A space of its own with so many frames. */
export function newSpace(frameCount = 64) {
  const frames = new Frames(new Uint8Array(frameCount * PAGE_SIZE).fill(0xaa));
  const dropped: number[] = [];
  const space = new AddressSpace(frames, {
    invalidatePage: (address) => void dropped.push(address >>> 0),
  });
  return { frames, space, memory: new UserMemory(space), dropped };
}

/** A file whose byte n is n modulo 251. */
export const patternFile = (size: number): BackingFile => ({
  size,
  readAt(position, window) {
    const count = Math.max(0, Math.min(window.length, size - position));
    for (let i = 0; i < count; i++) window[i] = (position + i) % 251;
    return count;
  },
});

/** A guard that protects every page until its first write and notes what it hears. */
export class NotingGuard implements WriteGuard {
  readonly heard: string[] = [];
  /** Wants to hear of every refill. */
  isCurious = true;
  /** Content of pages just before they were first written. */
  readonly before = new Map<number, Uint8Array>();
  private readonly written = new Set<number>();

  constructor(private readonly frames: Frames) {}

  protects(page: Page): number {
    return this.written.has(page.frame) ? 0 : ALL_QUARTERS;
  }
  beforeWrite(page: Page, by: Writer): void {
    this.heard.push(`${by} writes ${page.vpn.toString(16)}`);
    this.before.set(page.vpn, this.frames.bytes(page.frame).slice());
    this.written.add(page.frame);
  }
  beforeUnmap(page: Page): void {
    this.heard.push(`unmap ${page.vpn.toString(16)}`);
    this.before.set(page.vpn, this.frames.bytes(page.frame).slice());
  }
  refilled(page: Page, cycles: number): boolean {
    this.heard.push(`refill ${page.vpn.toString(16)} ${cycles}`);
    return this.isCurious || this.protects(page) !== 0;
  }
}

/** The same by quarters: each is protected until its own first write. */
export class QuarterGuard extends NotingGuard {
  private readonly left = new Map<number, number>();

  override protects({ frame }: Page): number {
    return this.left.get(frame) ?? ALL_QUARTERS;
  }
  override beforeWrite(page: Page, by: Writer, quarter?: number): void {
    this.heard.push(`${by} writes ${page.vpn.toString(16)}:${quarter?.toString(2)}`);
    this.left.set(page.frame, this.protects(page) & ~(quarter ?? ALL_QUARTERS));
  }
}
