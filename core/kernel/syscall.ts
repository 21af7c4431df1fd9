/**
 * What a row of the system call table is. The signature's text is the type of the arguments, their
 * decoder and the trace line; so a wrong name or a misused value does not compile.
 */
import { errnoName } from "./errno.ts";
import { NO_RESULT, type Outcome, type Task } from "./task.ts";

/** How an argument's words become a value, and the value a text. */
interface Kind<V> {
  /** Words it takes; 64-bit values take two, low word first. */
  readonly words: 1 | 2;
  decode(task: Task, low: number, high: number): V;
  show(value: V): string;
}

const kind = <V>(
  decode: (task: Task, low: number, high: number) => V,
  show: (value: V) => string,
  words: 1 | 2 = 1,
): Kind<V> => ({ words, decode, show });

const hex = (value: number): string => value === 0 ? "0" : "0x" + value.toString(16);

/** Every kind of argument a signature may name. */
export const KINDS = {
  int: kind((_task, low) => low | 0, String),
  fd: kind((_task, low) => low | 0, (fd) => fd === -100 ? "AT_FDCWD" : String(fd)),
  size: kind((_task, low) => low >>> 0, String),
  ptr: kind((_task, low) => low >>> 0, hex),
  flags: kind((_task, low) => low >>> 0, hex),
  mode: kind((_task, low) => low & 0o7777, (mode) => "0" + mode.toString(8)),
  /** A text in user memory; EFAULT is answered before the row runs. */
  path: kind((task, low) => task.memory.readText(low >>> 0), (text) => JSON.stringify(text)),
  /** Signed, exact to 2^53. */
  long: kind((_task, low, high) => (high | 0) * 2 ** 32 + (low >>> 0), String, 2),
  /** A word that aligns a register pair. */
  pad: kind(() => 0, () => "_"),
} as const;

type Kinds = typeof KINDS;
type Inside<S extends string> = S extends `${string}(${infer Text})` ? Text : never;
type Argument<S extends string> = S extends `${infer Name}:${infer K}`
  ? K extends keyof Kinds ? { readonly [N in Name]: ReturnType<Kinds[K]["decode"]> } : never
  : never;
type Arguments<S extends string> = S extends "" ? unknown
  : S extends `${infer Head}, ${infer Tail}` ? Argument<Head> & Arguments<Tail>
  : Argument<S>;
/** The parts of a signature that are no `name:kind`; never for a good one. */
type Misspelt<S extends string> = S extends "" ? never
  : S extends `${infer Head}, ${infer Tail}` ? Misspelt<Head> | Misspelt<Tail>
  : S extends `${string}:${infer K}` ? K extends keyof Kinds ? never : S
  : S;
type Checked<S extends string> = [Misspelt<Inside<S>>] extends [never] ? unknown
  : { readonly "no such kind of argument": Misspelt<Inside<S>> };

/** The arguments a signature names: "read(fd:fd, buffer:ptr)" gives fd and buffer. */
export type ArgumentsOf<S extends string> = Arguments<Inside<S>>;

/** One row of the table. */
export interface SystemCall {
  readonly number: number;
  readonly name: string;
  readonly signature: string;
  /** Why the kernel does not do it; the guest gets ENOSYS. */
  readonly unsupported: string | undefined;
  /** Decodes the words and runs the call. `decoded` receives the arguments for the trace line. */
  run(task: Task, words: readonly number[], decoded: unknown[]): Outcome;
  /** The call as text, from what `run` decoded. */
  show(words: readonly number[], decoded: readonly unknown[]): string;
}

interface Parameter {
  readonly name: string;
  readonly kind: Kind<unknown>;
  readonly word: number;
}

function parametersOf(signature: string): Parameter[] {
  const inside = signature.slice(signature.indexOf("(") + 1, -1);
  const parameters: Parameter[] = [];
  let word = 0;
  for (const text of inside === "" ? [] : inside.split(", ")) {
    const [name = "", kindName = ""] = text.split(":");
    const found = (KINDS as Record<string, Kind<unknown> | undefined>)[kindName];
    if (found === undefined) throw new Error(`signature ${signature}: no kind '${kindName}'`);
    parameters.push({ name, kind: found, word });
    word += found.words;
  }
  return parameters;
}

function showCall(
  name: string,
  parameters: readonly Parameter[],
  words: readonly number[],
  decoded: readonly unknown[],
): string {
  const texts = parameters.map(({ kind, word }, index) =>
    index < decoded.length ? kind.show(decoded[index]) : hex((words[word] ?? 0) >>> 0)
  );
  return `${name}(${texts.filter((text) => text !== "_").join(", ")})`;
}

/**
 * Declares a system call.
 *
 * @example
 * ```ts
 * import { syscall } from "./syscall.ts";
 * const getpid = syscall(20, "getpid()", (task) => task.process.id);
 * if (getpid.name !== "getpid") throw new Error("unreachable");
 * ```
 */
export function syscall<S extends `${string}(${string})`>(
  number: number,
  signature: S & Checked<S>,
  exec: (task: Task, args: ArgumentsOf<S>) => Outcome,
): SystemCall {
  const name = signature.slice(0, signature.indexOf("("));
  const parameters = parametersOf(signature);
  return {
    number,
    name,
    signature,
    unsupported: undefined,
    run(task, words, decoded) {
      const args: Record<string, unknown> = {};
      for (const { name, kind, word } of parameters) {
        const value = kind.decode(task, words[word] ?? 0, words[word + 1] ?? 0);
        args[name] = value;
        decoded.push(value);
      }
      return exec(task, args as ArgumentsOf<S>);
    },
    show: (words, decoded) => showCall(name, parameters, words, decoded),
  };
}

/** Declares a system call the kernel knows but does not do. */
export const unsupported = (number: number, name: string, why: string): SystemCall => ({
  number,
  name,
  signature: `${name}()`,
  unsupported: why,
  run: () => NO_RESULT,
  show: () => `${name}(…)`,
});

/** A result as strace prints it. */
export function showResult(result: number | undefined): string {
  if (result === undefined) return "?";
  if (result < 0 && result > -4096) return `-1 ${errnoName(-result)}`;
  return result > 0xffff || result < 0 ? hex(result >>> 0) : String(result);
}
