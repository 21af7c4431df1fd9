import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PageTable } from "../../../core/kernel/page_table.ts";

/** What happens to pages: mapped, unmapped, written to. */
const deed = fc.record({
  kind: fc.constantFrom("add" as const, "delete" as const, "write" as const),
  vpn: fc.oneof(fc.nat(8), fc.integer({ min: 1020, max: 1030 }), fc.constant(0x7ffff)),
  frame: fc.nat(100),
  dirty: fc.boolean(),
});

type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
type Known = Map<number, { frame: number; dirty: boolean }>;

function act(table: PageTable, known: Known, deeds: readonly Deed[]): void {
  for (const { kind, vpn, frame, dirty } of deeds) {
    if (kind === "add") {
      table.add({ vpn, frame, dirty, protection: 3 });
      known.set(vpn, { frame, dirty });
    } else if (kind === "delete") {
      table.delete(vpn);
      known.delete(vpn);
    } else {
      const page = table.get(vpn), mine = known.get(vpn);
      if (page !== undefined) page.dirty = true;
      if (mine !== undefined) mine.dirty = true;
    }
  }
}

const rows = (known: Known) =>
  [...known].map(([vpn, { frame, dirty }]) => ({ vpn, frame, dirty })).sort((a, b) =>
    a.vpn - b.vpn
  );

Deno.test("page table: a snapshot is the table of its moment, whatever comes after", () => {
  fc.assert(fc.property(fc.array(deed), fc.array(deed), (before, after) => {
    const table = new PageTable(), known: Known = new Map();
    act(table, known, before);
    const expected = rows(known), snapshot = table.snapshot();
    act(table, known, after);
    const seen: typeof expected = [];
    snapshot.each((vpn, frame, dirty) => void seen.push({ vpn, frame, dirty }));
    assertEquals(seen, expected);
    assertEquals(snapshot.count, expected.length);
    assertEquals(
      [...table.all()].map(({ vpn, frame, dirty }) => ({ vpn, frame, dirty })),
      rows(known),
    );
    assertEquals(table.count, known.size);
  }));
});
