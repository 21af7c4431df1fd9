/** A hook that never comes back in a Worker: it is named, and the lab goes on. */
import { assertRejects } from "@std/assert";
import { loadPlugin, Registry, StrategyError, WorkerSupply, World } from "../../core/mod.ts";
import { checkpointers, protocols, workloads } from "../../plugins/mod.ts";
import { addNode, load, MS } from "../core/lab/world_fixture.ts";

/** Longer than any hook takes here; a Worker whose hook waits is quiet for good. */
const PATIENCE_MS = 1500;

Deno.test("a hook that never comes back is the plugin's mistake, by name", async () => {
  const url = new URL("./endless.ts", import.meta.url).href;
  const used = [{ alias: "bad", url, plugin: await loadPlugin(url) }];
  const module = new URL("../../plugins/worker.ts", import.meta.url);
  const supply = new WorkerSupply(module, used.map(({ alias }) => ({ alias, url })), PATIENCE_MS);
  const world = new World({
    seed: 1,
    supply,
    registry: new Registry(checkpointers, workloads, protocols).with(used),
    readProgram: (file) => Deno.readFileSync(new URL(file)),
  });
  addNode(world, "n");
  world.addProcess("p", "n", load("counter"));
  await world.begin();
  const what = "plugin 'endless' 0.0.1: checkpointer 'bad.waits_for_ever' in capture has not come";
  const using = { name: "bad.waits_for_ever", options: { size: 1 } };
  const going = async () => {
    await world.checkpoint(["p"], "c", using);
    await world.advance(10 * MS);
  };
  await assertRejects(going, StrategyError, what);
  world.end();
  supply.end();
});
