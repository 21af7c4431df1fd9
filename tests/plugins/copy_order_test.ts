/** The order of copies of `tlb-cow-plus`: each page once, and those first that the program comes to. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { CapturePage, CaptureView } from "../../core/mod.ts";
import { CopyOrder, type Hints } from "../../plugins/checkpointers/copy_order.ts";

type Page = { -readonly [Key in keyof CapturePage]: CapturePage[Key] };

const pageAt = (vpn: number): Page => ({
  vpn,
  state: "uncaptured",
  quartersLeft: 4,
  fromExecutable: false,
});

/** A capture of pages from 16 on, without number `gap`. */
class Trial {
  readonly pages: readonly Page[];
  readonly order: CopyOrder;

  constructor(
    count: number,
    pointed: readonly number[],
    more: Partial<Hints> = {},
    cpus = 1,
    gap = 0,
  ) {
    this.pages = Array.from({ length: count }, (_, n) => pageAt(16 + n)).filter(({ vpn }) =>
      vpn !== gap
    );
    const view = { pages: this.pages, cpus, pointed: pointed.map((vpn) => this.page(vpn)) };
    const hints = { remembered: [], aim: true, follow: true, ...more };
    this.order = new CopyOrder(view as unknown as CaptureView, hints);
  }

  page(vpn: number): Page {
    return this.pages.find((page) => page.vpn === vpn) as Page;
  }

  /** The copier takes so many pages. */
  take(count: number): number[] {
    return Array.from({ length: count }, () => {
      const page = this.order.next() as Page | undefined;
      if (page !== undefined) page.state = "A";
      return page?.vpn ?? 0;
    });
  }

  /** A write fault copies a quarter of a page. */
  meet(vpn: number): void {
    this.page(vpn).state = "split";
    this.order.met(this.page(vpn));
  }
}

Deno.test("copy order: where a register points, on to the end, and from the beginning of the area", () => {
  assertEquals(new Trial(6, [19]).take(7), [19, 20, 21, 16, 17, 18, 0]);
  assertEquals(new Trial(6, [19], { aim: false }).take(6), [16, 17, 18, 19, 20, 21]);
  assertEquals(
    new Trial(7, [20], {}, 1, 18).take(6),
    [20, 21, 22, 19, 16, 17],
    "areas end at gaps",
  );
});

Deno.test("copy order: as many pages of a sweep as registers point into it", () => {
  const [first, ...rest] = new Trial(40, [16, 36, 36, 36]).take(8);
  assertEquals(first, 36);
  assertEquals(rest.filter((vpn) => vpn < 36), [16, 17], "one in four");
  assertEquals(new Trial(40, [16, 36]).take(6), [16, 36, 17, 37, 18, 38]);
});

Deno.test("copy order: what is left of the page of a write fault, and the way the program goes", () => {
  const up = new Trial(10, [16]);
  up.take(2);
  up.meet(21);
  assertEquals(up.take(3), [21, 22, 23]);
  const down = new Trial(10, []);
  down.meet(22);
  down.meet(21);
  assertEquals(down.take(4), [21, 20, 19, 18]);
  const two = new Trial(40, [16]);
  two.take(8);
  two.meet(44);
  two.meet(30);
  assertEquals(two.take(9).slice(0, 2), [30, 44], "the last first");
  assertEquals(two.page(24).state, "A", "and where registers pointed goes on, one in nine");
  const deaf = new Trial(10, [16], { follow: false });
  deaf.take(2);
  deaf.meet(21);
  assertEquals(deaf.take(2), [18, 19]);
});

Deno.test("copy order: a copier beside a program that is faster goes ahead twice as far each time", () => {
  const beside = new Trial(40, [], {}, 2);
  const leads = [20, 21, 22, 23].map((vpn) => {
    beside.meet(vpn);
    return (beside.take(1)[0] as number) - vpn;
  });
  assertEquals(leads, [0, 1, 2, 4]);
  const alone = new Trial(40, [], {}, 1);
  alone.meet(20);
  alone.meet(21);
  assertEquals(alone.take(1), [21], "in turns nobody overtakes");
});

Deno.test("copy order: what was written first last time comes early", () => {
  const trial = new Trial(10, [16, 16, 16], {});
  const remembered = [trial.page(24), trial.page(22)];
  const order = new CopyOrder(
    { pages: trial.pages, cpus: 1, pointed: [] } as unknown as CaptureView,
    { remembered, aim: true, follow: true },
  );
  assertEquals([order.next()?.vpn, order.next()?.vpn, order.next()?.vpn], [24, 22, 16]);
});

const event = fc.oneof(
  fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ meet: fc.integer({ min: 16, max: 35 }) }),
);

Deno.test("copy order: each page once, whatever is pointed at and met", () => {
  const hints = fc.record({ aim: fc.boolean(), follow: fc.boolean() });
  const pointed = fc.array(fc.integer({ min: 16, max: 35 }).filter((vpn) => vpn !== 25));
  fc.assert(
    fc.property(
      hints,
      pointed,
      fc.constantFrom(1, 2),
      fc.array(event),
      (more, at, cpus, events) => {
        const trial = new Trial(20, at, more, cpus, 25);
        const taken = events.flatMap((each) => {
          if ("take" in each) return trial.take(each.take);
          if (each.meet !== 25 && trial.page(each.meet).state !== "A") trial.meet(each.meet);
          return [];
        });
        const all = [...taken, ...trial.take(20)].filter((vpn) => vpn !== 0);
        assertEquals(all.toSorted(), trial.pages.map(({ vpn }) => vpn));
      },
    ),
  );
});
