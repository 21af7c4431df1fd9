/** Every diagnostic of the language as a row: a stable code, what it is about, and a page. */

/** One row: `name` is the one line, `page` says why the rule exists and what to write instead. */
export interface Code {
  readonly name: string;
  readonly page: string;
}

/** The codes. A code never changes its meaning; a retired one is not given out again. */
export const CODES = {
  // 01: characters and numbers
  CK0101: {
    name: "unexpected character",
    page:
      "The character belongs to no word, number, text or sign of the language. Texts stand in " +
      '"double quotes", comments begin with //.',
  },
  CK0102: {
    name: "text without an end",
    page: 'A text begins and ends with " on one line. Write \\n for a line end inside a text.',
  },
  CK0103: {
    name: "malformed number or unknown unit",
    page:
      "A number is decimal or 0x…, with an optional unit directly behind it: 20ms, 4KiB, 200MHz, " +
      "8MB/s, 2/ms, 21.4%. `list units` prints the units.",
  },
  CK0104: {
    name: "unknown escape in a text",
    page: 'A text knows \\", \\\\, \\n and \\t.',
  },
  CK0105: {
    name: "not UTF-8",
    page: "A script is UTF-8 text. Save the file in that encoding.",
  },
  CK0106: {
    name: "nested too deeply",
    page:
      "Brackets may nest 20 deep and a chain of .name, [index] and (arguments) may be 64 long. " +
      "Name a part with let.",
  },
  CK0107: {
    name: "the file cannot be read",
    page: "The file named on the command line or by include does not exist or may not be read.",
  },
  // 02: the shape of statements
  CK0201: {
    name: "something else was expected here",
    page: "A statement has one form, its usage line; `list statements` prints them all.",
  },
  CK0202: {
    name: "no statement begins like this",
    page: "Every statement begins with its own word. `list statements` prints them all.",
  },
  CK0203: {
    name: "no action begins like this",
    page: "After at, after, when or every follows an action: checkpoint, restart, crash, note …",
  },
  CK0204: {
    name: "a value was expected",
    page:
      "A value is a number, a text, true, false, a name, a call, a [list] or an expression in " +
      "parentheses.",
  },
  CK0205: {
    name: "'=' does not compare",
    page: "One = defines (let, compare); == compares.",
  },
  CK0206: {
    name: "a closing bracket is missing",
    page: "Each {, [ and ( needs its partner before the next statement.",
  },
  CK0207: {
    name: "a word of the language used as a name",
    page:
      "The words that begin or join statements cannot be names. They can be keys of an object " +
      "and stand behind a dot.",
  },
  CK0208: {
    name: "the first line must be 'ckpt 1'",
    page: "The first statement names the version of the language the script is written in, once.",
  },
  CK0209: {
    name: "this version of the language is unknown",
    page: "This program reads version 1.",
  },
  // 03: names
  CK0301: {
    name: "unknown name",
    page:
      "A name is declared by let, node, proc, as, compare, matrix or the first row of cases, or " +
      "built in: time, latest, cluster, undisturbed and the functions.",
  },
  CK0302: {
    name: "declared twice",
    page:
      "Within a scenario each name means one thing. A name of the language itself (time, latest, " +
      "cluster, manager, undisturbed, sum …) cannot be declared again.",
  },
  CK0303: {
    name: "unknown workload, checkpointer, protocol or profile",
    page:
      "Names of the registry are written with _ for -. `list workloads`, `list checkpointers` and " +
      "`list protocols` print them.",
  },
  CK0304: {
    name: "unknown option",
    page:
      "The options of each strategy, workload and profile are in its table; `list` prints them.",
  },
  CK0305: {
    name: "unknown metric",
    page:
      "`list metrics` prints what can be asked of a process, of a checkpoint and of the cluster.",
  },
  CK0306: {
    name: "the name means something else here",
    page: "For example a node where a process is wanted, or a checkpoint that is no process. A " +
      "partition lies between nodes; checkpoint, restart, migrate, pause and resume take processes; " +
      "crash takes either, and the manager of a protocol.",
  },
  CK0307: {
    name: "unknown checkpoint",
    page: "restart … from takes a label some step gives with 'checkpoint … as <label>', or latest.",
  },
  CK0308: {
    name: "a let that needs itself",
    page: "let is pure and not recursive: its value may not lead back to its own name.",
  },
  CK0309: {
    name: "an include that includes itself",
    page: "Files may include each other only without a circle.",
  },
  // 04: values and units
  CK0401: {
    name: "units do not fit",
    page: "Numbers carry their unit; only like units are added and compared: 20ms + 4KiB means " +
      "nothing.",
  },
  CK0402: {
    name: "the values cannot be compared",
    page: "Both sides of a comparison have the same type: number with number, text with text.",
  },
  CK0403: {
    name: "a value of another type was expected",
    page: "For example a number where a condition is wanted.",
  },
  CK0404: {
    name: "an option has a wrong value",
    page: "Options have a type, a unit and bounds; `list` prints them.",
  },
  CK0405: {
    name: "an index outside the array",
    page: "Arrays count from 0: node n[2] declares n[0] and n[1].",
  },
  CK0406: {
    name: "wrong number or kind of arguments",
    page:
      "A function takes exactly the arguments of its definition. Some metrics are told something, " +
      'too: g.sent("ACK"), c.phase(p[1]); `list metrics` prints how, and `list protocols` the ' +
      "kinds of messages there are.",
  },
  CK0407: {
    name: "division by zero",
    page: "A fraction with 0 below has no value; a claim that needs it cannot hold.",
  },
  CK0408: {
    name: "a constant was expected",
    page:
      "Everything that sets up a cell (times, options, sizes of arrays) is known before it runs " +
      "and cannot depend on metrics.",
  },
  CK0409: {
    name: "'within' does not fit",
    page:
      "within goes with == and !=. It takes a percentage of the right side, the claimed value, " +
      "or a distance in the unit of the left side.",
  },
  CK0410: {
    name: "an expression without end",
    page: "The value of an expression takes too much work or grows beyond 2^2048.",
  },
  CK0411: {
    name: "not visible here",
    page: "A condition of when or until sees only the run it steers, and a claim with always, " +
      "sometimes or never the run it watches: neither the undisturbed twin nor another " +
      "alternative. The twin has no checkpoints.",
  },
  CK0412: {
    name: "no value yet",
    page: "The metric has no value in this run: the checkpoint was never begun or never committed.",
  },
  // 05: the build of a scenario
  CK0501: {
    name: "a row of the wrong width",
    page: "Each row of cases has one cell for each name of the first row.",
  },
  CK0502: {
    name: "stated twice",
    page: "A scenario has at most one seed, checkpointer, protocol, storage, isolation, compare, " +
      "matrix, cases, explore, chaos and until.",
  },
  CK0503: {
    name: "the scenario says too little",
    page: "A scenario needs a process, and an expectation to be worth running.",
  },
  CK0504: {
    name: "an included file may hold only let, profile, use and include",
    page: "Included files carry no hidden steps.",
  },
  CK0505: {
    name: "the name is taken by another scenario",
    page: "Scenarios of one file have different titles, for a title identifies a cell.",
  },
  CK0506: {
    name: "a time that cannot be",
    page: "Times of steps are not negative, and a period is longer than zero.",
  },
  CK0507: {
    name: "a repeated checkpoint with one name",
    page: "Under every each checkpoint would bear the same label. Leave 'as' away and use latest.",
  },
  CK0508: {
    name: "the statement does not stand here",
    page: "checkpointer and compare checkpointer exclude each other; so do protocol and compare " +
      "protocol, storage and compare storage, seed and explore.",
  },
  CK0509: {
    name: "a matrix without cells, or with too many",
    page: "An axis takes at least one value, exclude if leaves at least one combination, and a " +
      "scenario has at most 4096 cells.",
  },
  CK0510: {
    name: "the channels do not give what the protocol requires",
    page:
      "A protocol says in its manifest whether messages must arrive in order and every one of " +
      'them; `list protocols` prints it. Change the channel (order: "fifo", transport: ' +
      '"retransmit") or the protocol. A scenario in which some claim asks for lost, orphans, ' +
      "duplicated, consistent or aborted means to see the protocol fail: there it is a warning.",
  },
  // 06: plugins, and what needs another version of the program
  CK0601: {
    name: "needs another version of this program",
    page: "A plugin says for which versions of the contract it was written (its `api`), and the " +
      "message has both.",
  },
  CK0602: {
    name: "the plugin does not load",
    page:
      "`use` takes the path of a module relative to the script, or npm:… or jsr:…. The module " +
      "must load, import no module of node: that reaches the host, change no object of the language " +
      "(Array.prototype …), and its default export is what definePlugin returns. `plugin doctor` " +
      "looks for the cause.",
  },
  CK0603: {
    name: "the plugin's manifest is wrong",
    page: "What a plugin exports is checked before it is used, and every mistake is told: names, " +
      "versions, option tables, the fields of each row. `plugin check` checks what it does, too.",
  },
  CK0610: {
    name: "a plugin looked at the host",
    page: "While a hook runs, the host's clock, random numbers, timers, network and files are " +
      "refused, and so is a promise: what a plugin does follows from what it is told, or no run " +
      "could be repeated. Times are virtual; who needs chance takes a seed as an option.",
  },
  // 07: warnings
  CK0701: {
    name: "vacuous law",
    page: "A law with a matrix or cases should have been tried in at least three distinct points.",
  },
  CK0702: {
    name: "no expectation",
    page: "The scenario claims nothing; it can only fail by being refused.",
  },
  CK0704: {
    name: "a step that cannot happen",
    page:
      "The run ends before the step, or a restart goes back to a checkpoint that is begun later. " +
      "Steps at a time count from the start of the cell.",
  },
  CK0705: {
    name: "a claim that is never judged",
    page: "Its if is false in every case before anything runs. Of a quantified claim that nobody " +
      "judges nothing is known, and the verdict is unknown.",
  },
  CK0703: {
    name: "an option without effect",
    page:
      "The option says how another one works that is not chosen here: how many messages are lost " +
      "where none are.",
  },
} as const satisfies Readonly<Record<string, Code>>;

/** One of the codes of {@linkcode CODES}. */
export type CodeName = keyof typeof CODES;
