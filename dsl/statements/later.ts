/** Statements that are part of the language and not built yet: read in full, refused by name. */
import { type Params, type Place, type Statement, statement } from "../statement.ts";

interface Planned {
  readonly place: Place;
  readonly help: string;
  readonly example: string;
  /** What to write meanwhile. */
  readonly instead: string;
}

function later<const U extends string>(
  usage: U,
  { place, help, example, instead }: Planned,
): Statement {
  const row: Statement = statement<U>(usage, {
    place,
    help,
    example,
    later: instead,
    build: (draft, _given: Params<U>, span) => {
      const word = { ...span, end: span.start + row.keyword.length };
      const message = `'${row.keyword}' is part of the language but not built yet; ${instead}`;
      draft.report("CK0601", word, message);
    },
  });
  return row;
}

export const LATER: readonly Statement[] = [
  later("use <from:text> as <name:name> [with <options:object>]", {
    place: "file",
    help: "Brings in a plugin by path or registry name.",
    example: 'use "./plugins/forked_cow.ts" as cow',
    instead: "use the checkpointers of `list checkpointers`",
  }),
  later("channel <ends:link> <options:object>", {
    place: "setup",
    help: "Order, latency and loss of messages.",
    example: 'channel all { order: "fifo", latency: 50us..200us }',
    instead: "processes do not exchange messages yet",
  }),
  later("protocol <strategy>", {
    place: "setup",
    help: "Who coordinates global checkpoints.",
    example: "protocol message_counting",
    instead: "processes are checkpointed one by one",
  }),
  later("storage <strategy>", {
    place: "setup",
    help: "Where images go.",
    example: "storage local { retain: 2 }",
    instead: "images stay in the memory of the lab",
  }),
  later("matrix [<pairwise:pairwise>] { <axes:axis*> }", {
    place: "setup",
    help: "A cell for each combination of values.",
    example: "matrix { n in [2, 4, 8] exclude if n > 4 }",
    instead: "write the combinations as rows of cases",
  }),
  later("explore <options:object>", {
    place: "setup",
    help: "Runs a cell under many seeds.",
    example: "explore { seeds: 1..200, strategy: random }",
    instead: "run with --seed several times",
  }),
  later("chaos <options:object>", {
    place: "setup",
    help: "Faults at random times.",
    example: "chaos { crash: { of: n, every: 5ms..40ms } }",
    instead: "write the faults as steps",
  }),
  later("migrate <targets> to <node:ref> [using <strategy>]", {
    place: "action",
    help: "Moves a running process.",
    example: "migrate p0 to b",
    instead: "write checkpoint, crash and restart … on",
  }),
  later("partition <targets> from <others:targets> [for <time:expr>]", {
    place: "action",
    help: "Cuts nodes off from each other.",
    example: "partition a from b for 5ms",
    instead: "processes do not exchange messages yet",
  }),
  later("heal <targets>", {
    place: "action",
    help: "Ends a partition.",
    example: "heal a",
    instead: "there are no partitions yet",
  }),
  later("pause <targets>", {
    place: "action",
    help: "Lets a process stand still.",
    example: "pause p0",
    instead: "a crash and a restart come nearest",
  }),
  later("resume <targets>", {
    place: "action",
    help: "Lets a paused process go on.",
    example: "resume p0",
    instead: "there is no pause yet",
  }),
  later("inject <strategy>", {
    place: "action",
    help: "Makes a fault happen.",
    example: "inject torn_write { page: 3 }",
    instead: "write a crash",
  }),
];
