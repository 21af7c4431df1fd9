/** What a storage may say of how it keeps images, and what it may not. */
import { assertEquals, assertThrows } from "@std/assert";
import { type Keeping, storage, StrategyError } from "../../core/mod.ts";
import { storageHooks } from "../../core/lab/plugin_hooks.ts";

/** What is asked of a storage that says that. */
function asked(keeping: unknown): Keeping | undefined {
  const row = storage({ name: "own", help: "Own.", options: {}, keep: () => keeping as Keeping });
  return storageHooks(row, "storage 'own'").keep?.({});
}

const MEMORY = { medium: "memory", retain: 0 } as const;
const DISK = { medium: "disk", every: 2 } as const;

const GOOD: readonly unknown[] = [
  MEMORY,
  { medium: "elsewhere", retain: 3, bandwidth: 1, latency: 0 },
  { ...MEMORY, levels: [] },
  { ...MEMORY, levels: [DISK, { medium: "peer", every: 1, bandwidth: 1e6, latency: 0 }] },
];

const BAD: readonly unknown[] = [
  undefined,
  { medium: "tape", retain: 0 },
  { ...MEMORY, retain: -1 },
  { ...MEMORY, retain: 0.5 },
  { ...MEMORY, bandwidth: 0 },
  { ...MEMORY, latency: -1 },
  { ...MEMORY, bandwidth: "9" },
  { ...MEMORY, latency: Infinity },
  { ...MEMORY, levels: DISK },
  { ...MEMORY, levels: [null] },
  { ...MEMORY, levels: [{ medium: "memory", every: 1 }] },
  { ...MEMORY, levels: [{ medium: "disk" }] },
  { ...MEMORY, levels: [{ ...DISK, every: 0 }] },
  { ...MEMORY, levels: [{ ...DISK, bandwidth: 0 }] },
  { ...MEMORY, levels: [{ ...DISK, latency: -1 }] },
  { ...MEMORY, levels: [{ ...DISK, latency: "5" }] },
  { ...MEMORY, levels: [{ ...DISK, bandwidth: Infinity }] },
  { medium: "disk", retain: 0, levels: [DISK] },
];

Deno.test("what a storage says of how it keeps images is taken as it is", () => {
  for (const keeping of GOOD) assertEquals(asked(keeping), keeping as Keeping);
});

Deno.test("what cannot be is the storage's mistake, by its name", () => {
  for (const keeping of BAD) {
    const text = JSON.stringify(keeping);
    const { message } = assertThrows(() => asked(keeping), StrategyError, "storage 'own'", text);
    assertEquals(/\{ medium, retain \}/.test(message) || keeping === undefined, true, message);
  }
});
