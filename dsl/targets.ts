/** Whom an action concerns: what the script names, and for `any` one of several, drawn at run time. */
import { LabError } from "../core/mod.ts";
import type { Ref, Targets } from "./ast.ts";
import { protocolsOf } from "./channels.ts";
import { type Draft, MANAGER } from "./draft.ts";
import type { World } from "./plan.ts";
import { written } from "./vocabulary.ts";

/** The victims of an action at the instant it happens. */
export interface Found {
  readonly processes: readonly string[];
  readonly nodes: readonly string[];
  readonly manager: boolean;
}

/** Finds them. What is drawn is drawn when it is called; `fixed` is what needs no drawing. */
export interface Find {
  (world: World): Found;
  readonly fixed: Found;
}

const NOBODY: Found = { processes: [], nodes: [], manager: false };

/** Finds who is known before the run. */
const always = (found: Found): Find => Object.assign(() => found, { fixed: found });

/** Finds who is drawn at the instant. */
const drawn = (find: (world: World) => Found): Find => Object.assign(find, { fixed: NOBODY });

/** What an action can be done to. */
export interface Wanted {
  readonly processes?: true;
  readonly nodes?: true;
  readonly manager?: true;
  /** The processes `any proc` is drawn from: those that run, or those that do not. */
  readonly condition?: "running" | "crashed";
}

/** What may be named, for messages. */
const wantedText = ({ processes, nodes, manager }: Wanted): string =>
  [
    ...processes === true ? ["processes"] : [],
    ...nodes === true ? ["nodes"] : [],
    ...manager === true ? ["the manager"] : [],
  ].join(" or ");

/** Checks targets and says how to find them; what does not fit the action is reported. */
export function findTargets(draft: Draft, targets: Targets, wanted: Wanted): Find {
  if (targets.kind === "any") return anyOf(draft, targets, wanted);
  if (targets.kind === "all") {
    const found = wanted.processes === true
      ? { processes: draft.processes.map(({ name }) => name), nodes: [], manager: false }
      : { processes: [], nodes: draft.nodes.map(({ name }) => name), manager: false };
    return always(found);
  }
  const processes: string[] = [];
  const nodes: string[] = [];
  let manager = false;
  for (const ref of targets.refs) {
    if (isManager(ref)) {
      manager ||= checkManager(draft, ref, wanted);
      continue;
    }
    const kind = draft.scope.find(ref.name.text)?.meant.kind;
    const members = draft.members(ref, "process", "node") ?? [];
    if (members.length === 0) continue;
    const isNode = kind === "node";
    if (isNode ? wanted.nodes === true : wanted.processes === true) {
      (isNode ? nodes : processes).push(...members);
    } else {
      const message = `'${ref.name.text}' is a ${kind}; name ${wantedText(wanted)} here`;
      draft.report("CK0306", ref.name.span, message);
    }
  }
  const found = { processes: [...new Set(processes)], nodes: [...new Set(nodes)], manager };
  return always(found);
}

/** True for the one who coordinates. */
export const isManager = ({ name, index }: Ref): boolean =>
  name.text === MANAGER && index === undefined;

function checkManager(draft: Draft, ref: Ref, wanted: Wanted): boolean {
  const names = protocolsOf(draft);
  const managed = draft.vocabulary.protocols.filter(({ manager }) => manager !== undefined);
  const without = names.find((name) => managed.every((row) => row.name !== name));
  if (wanted.manager !== true) {
    draft.report(
      "CK0306",
      ref.span,
      `this cannot be done to the manager; name ${wantedText(wanted)} here`,
    );
  } else if (without !== undefined) {
    draft.report("CK0306", ref.span, `${written(without)} does without a manager`);
  } else if (names.length === 0) {
    const message = "there is no manager without a protocol; state one with 'protocol'";
    draft.report("CK0306", ref.span, message);
  } else return true;
  return false;
}

function anyOf(draft: Draft, targets: Targets & { kind: "any" }, wanted: Wanted): Find {
  const isNode = targets.of === "node";
  if (isNode ? wanted.nodes !== true : wanted.processes !== true) {
    const message = `this cannot be done to 'any ${targets.of}'; name ${wantedText(wanted)} here`;
    draft.report("CK0306", targets.span, message);
  }
  if (isNode) {
    const nodes = draft.nodes.map(({ name }) => name);
    return drawn(({ lab }) => ({ processes: [], nodes: [lab.pick(nodes)], manager: false }));
  }
  const all = draft.processes.map(({ name }) => name);
  const runs = wanted.condition !== "crashed";
  return drawn(({ lab }) => {
    const candidates = all.filter((name) =>
      lab.processMetric(name, "running") === runs && lab.processMetric(name, "exited") === false
    );
    if (candidates.length === 0) {
      throw new LabError(`no process ${runs ? "runs" : "is crashed"} that could be drawn`);
    }
    return { processes: [lab.pick(candidates)], nodes: [], manager: false };
  });
}

/** Processes only. */
export function findProcesses(
  draft: Draft,
  targets: Targets,
  condition: "running" | "crashed" = "running",
): (world: World) => readonly string[] {
  const find = findTargets(draft, targets, { processes: true, condition });
  return (world) => find(world).processes;
}

/** Nodes, and the manager, which is on none of them. */
export function findNodes(draft: Draft, targets: Targets): (world: World) => readonly string[] {
  const find = findTargets(draft, targets, { nodes: true, manager: true });
  return (world) => {
    const { nodes, manager } = find(world);
    return [...nodes, ...manager ? [MANAGER] : []];
  };
}

/** The one node a reference names. */
export function oneNode(draft: Draft, ref: Ref): string | undefined {
  const nodes = draft.members(ref, "node") ?? [];
  if (nodes.length > 1) {
    draft.report("CK0306", ref.span, `'${ref.name.text}' is an array; name one of its nodes`);
  }
  return nodes[0];
}
