/** Faults with one mistake each. */
import { fault, LabError } from "../../core/mod.ts";

export const losesForEver = fault({
  name: "loses-for-ever",
  help: "Every message is lost, for good.",
  options: {},
  inject: (site) => {
    site.disturbMessages(Infinity, 1, 0);
    return "all of them";
  },
});

export const onlySaysSo = fault({
  name: "only-says-so",
  help: "Says that disks are slow, and does nothing.",
  options: {},
  inject: (site) => `slow: ${site.nodes.map(({ name }) => name).join(", ")}`,
});

export const refusesItself = fault({
  name: "refuses-itself",
  help: "Cannot be done anywhere.",
  options: {},
  inject: () => {
    throw new LabError("there is nothing that could be hit");
  },
});

let turns = 0;

export const takesTurns = fault({
  name: "takes-turns",
  help: "Is another one each time.",
  options: {},
  inject: (site) => {
    turns++;
    for (const node of site.nodes) node.limitDisk(site.now + 10_000_000, 1 + turns, Infinity);
    return "slow";
  },
});

export const fails = fault({
  name: "fails",
  help: "Goes wrong in a way that nobody expects.",
  options: {},
  inject: () => {
    throw new TypeError("no such disk");
  },
});
