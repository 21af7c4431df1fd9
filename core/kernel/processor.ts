/**
 * The processor as the kernel uses it: whose registers it holds, which address space its TLB serves,
 * and what time it is.
 */
import type { Machine, Stop } from "../machine/machine.ts";
import { AsidPool } from "./asid.ts";
import { type Context, copyContext, loadContext, saveContext } from "./context.ts";
import { rewindGusa } from "./gusa.ts";
import type { Costs } from "./options.ts";
import type { AddressSpace } from "./address_space.ts";
import type { Thread } from "./thread.ts";
import { TlbRefill } from "./tlb_refill.ts";

/** The longest slice the machine is given at once: its budget is a 32-bit word. */
const LONGEST_SLICE = 2 ** 30;

/** One processor and its clock. */
export class Processor {
  readonly refill: TlbRefill;
  private readonly asids: AsidPool;
  /** Cycles before the present slice; `now` adds what the slice has used. */
  private base = 0;
  private inSlice = false;
  private loaded: Thread | undefined;

  constructor(readonly machine: Machine, costs: Costs) {
    this.refill = new TlbRefill(machine, costs.tlbMiss, costs.trap);
    machine.supervisor = this.refill;
    this.asids = new AsidPool(machine);
  }

  /** Cycles since power-on: instructions and charges, exact also inside a slice. */
  get now(): number {
    return this.inSlice ? this.base + this.machine.spent : this.base;
  }

  /** Takes cycles for work that is not the program's instructions. */
  charge(cycles: number): void {
    if (this.inSlice) this.machine.charge(cycles);
    else this.base += cycles;
  }

  /** Lets the clock go on to a cycle, unless that is past. */
  advanceTo(cycle: number): void {
    if (cycle > this.base && !this.inSlice) this.base = cycle;
  }

  /** Runs the loaded program for a number of cycles. */
  slice(budget: number): Stop {
    this.inSlice = true;
    try {
      return this.machine.run(Math.ceil(Math.min(budget, LONGEST_SLICE)));
    } finally {
      this.base += this.machine.spent;
      this.inSlice = false;
    }
  }

  /** Makes a thread the one that runs; whoever ran before has been preempted. */
  load(thread: Thread): void {
    if (this.loaded !== thread) {
      if (this.loaded !== undefined) this.preempt(this.loaded);
      loadContext(this.machine, thread.context);
      this.loaded = thread;
    }
    const { space } = thread.process;
    this.refill.space = space;
    const asid = this.asids.of(space);
    if ((this.machine.pteh & 0xff) !== asid) this.machine.setPteh(asid);
  }

  /** Saves a thread's registers into its context if the processor holds them. */
  unload(thread: Thread): void {
    if (this.loaded !== thread) return;
    thread.context = saveContext(this.machine);
    this.loaded = undefined;
    this.refill.space = undefined;
  }

  /** Takes the processor away from a thread: an atomic sequence begins anew. */
  preempt(thread: Thread): void {
    this.unload(thread);
    rewindGusa(thread.context);
  }

  /** The registers of a thread, wherever they are. */
  registersOf(thread: Thread): Context {
    return thread === this.loaded ? saveContext(this.machine) : copyContext(thread.context);
  }

  setRegistersOf(thread: Thread, context: Context): void {
    if (thread === this.loaded) loadContext(this.machine, context);
    else thread.context = copyContext(context);
  }

  /** Virtual numbers of the pages of a space that have a valid TLB entry now. */
  residentPages(space: AddressSpace): readonly number[] {
    if (this.asids.isStale(space)) return [];
    return this.machine.mmu.validEntries()
      .filter(({ address }) => (address & 0xff) === space.asid)
      .map(({ address }) => address >>> 12);
  }
}
