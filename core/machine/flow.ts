/**
 * The flow of control in a region, as a structured language needs it: blocks in an order in which
 * every edge goes forward but those that close a loop, who dominates whom, where ways meet. An edge
 * that would enter a loop anywhere but at its head leaves the region instead.
 */
import type { Block, Region } from "./region.ts";

/** What an edge of the region is. */
export type Edge = "forward" | "back" | "out";

/** A loop: where it begins, and the blocks that lead back there. */
export interface Loop {
  readonly head: number;
  readonly body: ReadonlySet<number>;
}

/** The flow of one region. Blocks go by their addresses. */
export interface Flow {
  /** The blocks in reverse postorder: every edge goes forward in it but those that close a loop. */
  readonly order: readonly number[];
  readonly edge: (from: number, to: number) => Edge;
  /** Forward edges into a block. */
  readonly entries: (pc: number) => number;
  /** The loops that begin at a block, the outer one first. */
  readonly loopsAt: (pc: number) => readonly Loop[];
  /** The loop that an edge back closes. */
  readonly closes: (from: number, to: number) => Loop;
  /** The blocks it is the nearest dominator of and where ways meet, the outermost first. */
  readonly meets: (pc: number) => readonly number[];
  /** The loop a block is in, if no loop with another head is within that loop. */
  readonly innermost: (pc: number) => Loop | undefined;
  /** The most cycles from the start of a block to where the budget is looked at again. */
  readonly reach: (pc: number) => number;
}

/** Where a block may lead to, whether or not that is in the region. */
export function successors({ end }: Block): readonly number[] {
  switch (end.kind) {
    case "goto":
      return [end.to];
    case "choice":
      return [end.yes, end.no];
    case "call":
      return [end.back];
    case "jump":
    case "mode":
    case "leave":
      return [];
  }
}

/** Blocks in reverse postorder. */
function ordered(region: Region): number[] {
  const seen = new Set<number>();
  const after: number[] = [];
  const stack: { pc: number; rest: number[] }[] = [];
  const enter = (pc: number) => {
    const block = region.blocks.get(pc);
    if (block === undefined || seen.has(pc)) return;
    seen.add(pc);
    stack.push({ pc, rest: [...successors(block)] });
  };
  enter(region.pc);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.rest.pop();
    if (next !== undefined) enter(next);
    else after.push((stack.pop() as { pc: number }).pc);
  }
  return after.reverse();
}

/** Blocks by what leads to them, or by what else is several. */
type Lists = ReadonlyMap<number, readonly number[]>;

/** Nearest dominators, by Cooper, Harvey and Kennedy. */
function dominators(
  order: readonly number[],
  place: ReadonlyMap<number, number>,
  before: Lists,
): Map<number, number> {
  const first = order[0] as number;
  const nearest = new Map([[first, first]]);
  const at = (pc: number) => place.get(pc) as number;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (at(a) > at(b)) a = nearest.get(a) as number;
      while (at(b) > at(a)) b = nearest.get(b) as number;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const pc of order.slice(1)) {
      const known = (before.get(pc) ?? []).filter((from) => nearest.has(from));
      const found = known.reduce(meet);
      if (nearest.get(pc) === found) continue;
      nearest.set(pc, found);
      changed = true;
    }
  }
  return nearest;
}

/** What each edge is: back where its target dominates its source, out where it would break in. */
function edges(
  region: Region,
  order: readonly number[],
): { readonly edge: Flow["edge"]; readonly nearest: ReadonlyMap<number, number> } {
  const place = new Map(order.map((pc, n) => [pc, n]));
  const before = new Map<number, number[]>(order.map((pc) => [pc, []]));
  for (const pc of order) {
    for (const to of successors(region.blocks.get(pc) as Block)) before.get(to)?.push(pc);
  }
  const nearest = dominators(order, place, before);
  const dominates = (a: number, b: number): boolean => {
    for (let at = b;; at = nearest.get(at) as number) {
      if (at === a) return true;
      if (at === region.pc) return false;
    }
  };
  const edge = (from: number, to: number): Edge => {
    const [a, b] = [place.get(from), place.get(to)];
    if (a === undefined || b === undefined) return "out";
    if (b > a) return "forward";
    return dominates(to, from) ? "back" : "out";
  };
  return { edge, nearest };
}

/** A head and the blocks from which one comes to it, by walking back from where it is closed. */
function loopOf(head: number, closers: readonly number[], before: Lists): Loop {
  const body = new Set([head]);
  const work = [...closers];
  for (let pc = work.pop(); pc !== undefined; pc = work.pop()) {
    if (body.has(pc)) continue;
    body.add(pc);
    work.push(...before.get(pc) ?? []);
  }
  return { head, body };
}

/**
 * The loops that begin at a head. A region is mostly entered where a loop within others was the first
 * to be hot, and then the others begin there too. But control comes round those from above, as the
 * compiler has laid them out, and round the one within from below: so one loop is told from the rest.
 */
function loopsOf(head: number, closers: readonly number[], before: Lists): readonly Loop[] {
  const below = closers.filter((pc) => pc >= head);
  const all = loopOf(head, closers, before);
  if (below.length === 0 || below.length === closers.length) return [all];
  const within = loopOf(head, below, before);
  return within.body.size < all.body.size ? [all, within] : [all];
}

/** The loop each block is in, for the loops in which there is none with another head. */
function innermostLoops(loops: readonly Loop[]): Map<number, Loop> {
  const found = new Map<number, Loop>();
  for (const loop of loops) {
    const hasOther = loops.some(({ head }) => head !== loop.head && loop.body.has(head));
    if (hasOther) continue;
    for (const pc of loop.body) found.set(pc, loop);
  }
  return found;
}

/** The most cycles of each block and those it leads on to, up to a call or the end of a loop. */
function reaches(region: Region, order: readonly number[], edge: Flow["edge"]) {
  const found = new Map<number, number>();
  for (const pc of order.toReversed()) {
    const block = region.blocks.get(pc) as Block;
    const ahead = block.end.kind === "call" ? [] : successors(block);
    const onward = ahead.filter((to) => edge(pc, to) === "forward")
      .map((to) => found.get(to) as number);
    // Where a block is the evaluator's from its first step on, that step still needs a cycle.
    found.set(pc, Math.max(1, block.cycles + Math.max(0, ...onward)));
  }
  return found;
}

/** Works out the flow of a region. */
export function flowOf(region: Region): Flow {
  const order = ordered(region);
  const { edge, nearest } = edges(region, order);
  const entries = new Map<number, number>();
  const closings = new Map<number, number[]>();
  const before = new Map<number, number[]>();
  for (const pc of order) {
    for (const to of successors(region.blocks.get(pc) as Block)) {
      const kind = edge(pc, to);
      if (kind === "forward") entries.set(to, (entries.get(to) ?? 0) + 1);
      if (kind === "back") closings.set(to, [...closings.get(to) ?? [], pc]);
      if (kind !== "out") before.set(to, [...before.get(to) ?? [], pc]);
    }
  }
  const meets = new Map<number, number[]>();
  for (const pc of order.toReversed()) {
    if ((entries.get(pc) ?? 0) < 2) continue;
    const owner = nearest.get(pc) as number;
    meets.set(owner, [...(meets.get(owner) ?? []), pc]);
  }
  const loops = new Map([...closings].map(([head, closers]) => [
    head,
    loopsOf(head, closers, before),
  ]));
  const loopsAt = (pc: number): readonly Loop[] => loops.get(pc) ?? [];
  const innermost = innermostLoops([...loops.values()].flatMap((each) => each.slice(0, 1)));
  const reach = reaches(region, order, edge);
  return {
    order,
    edge,
    entries: (pc) => entries.get(pc) ?? 0,
    loopsAt,
    closes: (from, to) => loopsAt(to).findLast(({ body }) => body.has(from)) as Loop,
    innermost: (pc) => innermost.get(pc),
    meets: (pc) => meets.get(pc) ?? [],
    reach: (pc) => reach.get(pc) ?? 1,
  };
}
