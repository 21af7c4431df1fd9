/** Partitions against a list of separate pairs. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Partition, Partitions } from "../../../core/cluster/partition.ts";

const NODES = ["a", "b", "c", "d"];
const side = fc.subarray(NODES);
const step = fc.oneof(
  fc.record({ a: side, b: side }),
  fc.record({ healed: side }),
  fc.record({ ended: fc.nat(5) }),
);

Deno.test("two nodes are separate as long as a partition has them on two sides", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 12, size: "max" }), (steps) => {
    const partitions = new Partitions();
    let model: { id: number; one: string; other: string }[] = [];
    const made: Partition[] = [];
    for (const each of steps) {
      if ("a" in each) {
        for (const one of each.a) {
          for (const other of each.b) model.push({ id: made.length, one, other });
        }
        made.push(partitions.add(each.a, each.b));
      } else if ("healed" in each) {
        partitions.heal(each.healed);
        const { healed } = each;
        model = model.filter(({ one, other }) => !healed.includes(one) && !healed.includes(other));
      } else {
        const partition = made[each.ended];
        if (partition === undefined) continue;
        partitions.heal(partition);
        model = model.filter(({ id }) => id !== each.ended);
      }
      for (const x of NODES) {
        for (const y of NODES) {
          const wanted = x !== y &&
            model.some(({ one, other }) =>
              (one === x && other === y) || (one === y && other === x)
            );
          assertEquals(partitions.separate(x, y), wanted);
        }
      }
    }
  }));
});
