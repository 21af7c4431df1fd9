/** What a report of a plugin gives back while its Worker still tells, and when it has told all. */
import { assertEquals, assertRejects } from "@std/assert";
import { expose } from "comlink";
import {
  definePlugin,
  type RecordedEvent,
  reporter,
  StrategyError,
  type UsedPlugin,
} from "../../core/mod.ts";
import type { ReportAnswer, ReportApi } from "../../dsl/report_server.ts";
import { reportersOf } from "../../dsl/plugin_report.ts";
import { fakeHost } from "./fake.ts";
import { AROUND } from "./surroundings.ts";

const begun: RecordedEvent = {
  event: "run-begun",
  schema: 1,
  ckptlab: "1.2.3",
  language: 1,
  paths: [],
  cells: 0,
};

/** A Worker that is none: it answers each batch of events when it is told to. */
function slowWorker() {
  const { port1, port2 } = new MessageChannel();
  const waiting: ((answer: ReportAnswer) => void)[] = [];
  const batches: number[] = [];
  const api: ReportApi = {
    beginReport: () => Promise.resolve({ text: "" }),
    tellReport: (events) => {
      batches.push(events.length);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
  expose(api, port2);
  port1.start();
  let ended = false;
  const worker = Object.assign(port1, {
    terminate: () => {
      ended = true;
      port1.close();
      port2.close();
    },
  }) as unknown as Worker;
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  const answer = async (given: ReportAnswer) => {
    for (let n = 0; waiting.length === 0; n++) {
      if (n > 1000) throw new Error("nothing more is told");
      await turn();
    }
    waiting.shift()?.(given);
    for (let n = 0; n < 20; n++) await turn();
  };
  return { worker, answer, batches, isEnded: () => ended };
}

async function reportOf(machine: boolean) {
  const row = reporter({ name: "x", help: "x", machine, begin: () => ({ take: () => "" }) });
  const plugin = definePlugin({
    name: "x",
    version: "1.0.0",
    api: "^1",
    contributes: { reporters: [row] },
  });
  const used: UsedPlugin = { alias: "a", url: "file:///x.ts", plugin };
  const slow = slowWorker();
  const { host } = fakeHost({}, { pause: () => new Promise((then) => setTimeout(then, 1)) });
  const maker = { make: () => slow.worker, isIsolated: false, host };
  const [made] = reportersOf(used, () => maker);
  return { ...slow, report: await made?.begin(AROUND) };
}

Deno.test("what was told is written as it comes, and the rest at the end", async () => {
  const { report, answer, batches, isEnded } = await reportOf(false);
  assertEquals(report?.take(begun), []);
  await answer({ text: "one\n" });
  assertEquals(report?.take(begun), [{ text: "one\n" }]);
  assertEquals(report?.take(begun), []);
  const rest = report?.rest?.();
  await answer({ text: "two\n" });
  await answer({ text: "three\n" });
  assertEquals(await rest, [{ text: "two\nthree\n" }]);
  assertEquals([batches, isEnded()], [[1, 1, 1], true]);
});

Deno.test("what is for a program is written whole, and not at all when it breaks", async () => {
  const whole = await reportOf(true);
  whole.report?.take(begun);
  await whole.answer({ text: "one\n" });
  assertEquals(whole.report?.take(begun), []);
  await whole.answer({ text: "two\n" });
  assertEquals(await whole.report?.rest?.(), [{ text: "one\ntwo\n" }]);
  const broken = await reportOf(true);
  broken.report?.take(begun);
  await broken.answer({ text: "one\n" });
  assertEquals(broken.report?.take(begun), []);
  await broken.answer({ failed: "plugin 'x' 1.0.0: reporter 'a.x' threw: no, in take (world)" });
  assertEquals(broken.report?.take(begun), [], "it is told no more");
  await assertRejects(async () => await broken.report?.rest?.(), StrategyError, "threw: no");
  assertEquals([broken.batches, broken.isEnded()], [[1, 1], true]);
});
