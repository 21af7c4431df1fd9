/** A whole WebAssembly module: its sections, in the order the format wants them. */
import { Bytes, type ValueType, type WasmCode } from "./wasm_code.ts";

/** Parameters and results of a function. */
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** What a module takes from outside, by a name in the one namespace `e`. */
export type Import =
  | { readonly name: string; readonly kind: "function"; readonly signature: Signature }
  | { readonly name: string; readonly kind: "global"; readonly type: ValueType }
  | { readonly name: string; readonly kind: "table" };

/** A function of the module. */
export interface ModuleFunction {
  readonly name: string;
  readonly signature: Signature;
  readonly code: WasmCode;
}

/** What a module is made of. Functions are numbered after the imported ones. */
export interface ModuleParts {
  /** Functions among them are numbered in this order; so are globals. */
  readonly imports: readonly Import[];
  readonly functions: readonly ModuleFunction[];
  /** Of the functions called through the table, if any are: it becomes type 0. */
  readonly indirect?: Signature;
  /**
   * The size of the memory, in pages of 64 KiB. Told exactly, because the host checks the bounds of
   * every access: it knows then that the size never changes, and which places are always there.
   */
  readonly memoryPages: number;
}

const same = (a: Signature, b: Signature): boolean =>
  a.parameters.join() === b.parameters.join() && a.results.join() === b.results.join();

function section(out: Bytes, id: number, write: (body: Bytes) => void): void {
  const body = new Bytes();
  write(body);
  out.byte(id).unsigned(body.length).append(body.view());
}

/** The declarations of locals: runs of one type. */
function localsOf({ locals }: WasmCode): Bytes {
  const runs: [number, ValueType][] = [];
  for (const type of locals) {
    const last = runs.at(-1);
    if (last?.[1] === type) last[0]++;
    else runs.push([1, type]);
  }
  const bytes = new Bytes().unsigned(runs.length);
  for (const [count, type] of runs) bytes.unsigned(count).byte(type);
  return bytes;
}

function writeImports(
  body: Bytes,
  { imports, memoryPages }: ModuleParts,
  typeOf: (s: Signature) => number,
): void {
  body.unsigned(imports.length + 1);
  body.text("e").text("memory").byte(2).byte(3); // shared
  body.unsigned(memoryPages).unsigned(memoryPages);
  for (const each of imports) {
    body.text("e").text(each.name);
    if (each.kind === "function") body.byte(0).unsigned(typeOf(each.signature));
    else if (each.kind === "global") body.byte(3).byte(each.type).byte(0);
    else body.byte(1).byte(0x70).byte(0).unsigned(0);
  }
}

/** Which branches are seldom taken, for the host's compiler (the branch hinting proposal). */
function writeHints(out: Bytes, functions: readonly ModuleFunction[], imported: number): void {
  const hinted = functions.filter(({ code }) => code.unlikely.length > 0);
  if (hinted.length === 0) return;
  section(out, 0, (body) => {
    body.text("metadata.code.branch_hint").unsigned(hinted.length);
    for (const each of hinted) {
      const { code } = each;
      const before = localsOf(code).length; // offsets count from the locals' declarations
      body.unsigned(imported + functions.indexOf(each)).unsigned(code.unlikely.length);
      for (const at of code.unlikely) body.unsigned(before + at).unsigned(1).byte(0);
    }
  });
}

/**
 * The bytes of a module. The imported memory is `e.memory`, shared; every function is exported by
 * its name.
 *
 * @example
 * ```ts
 * import { TYPE, WasmCode } from "./wasm_code.ts";
 * import { wasmModule } from "./wasm_module.ts";
 * const code = new WasmCode(0);
 * code.int(42);
 * const bytes = wasmModule({
 *   imports: [],
 *   functions: [{ name: "answer", signature: { parameters: [], results: [TYPE.i32] }, code }],
 *   memoryPages: 1,
 * });
 * if (!WebAssembly.validate(bytes)) throw new Error("unreachable");
 * ```
 */
export function wasmModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const { imports, functions, indirect } = parts;
  const signatures: Signature[] = [];
  const typeOf = (wanted: Signature): number => {
    const found = signatures.findIndex((each) => same(each, wanted));
    return found >= 0 ? found : signatures.push(wanted) - 1;
  };
  if (indirect !== undefined) typeOf(indirect);
  functions.forEach(({ signature }) => typeOf(signature));
  imports.forEach((each) => each.kind === "function" && typeOf(each.signature));
  const imported = imports.filter(({ kind }) => kind === "function").length;
  const out = new Bytes().append(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(out, 1, (body) => {
    body.unsigned(signatures.length);
    for (const { parameters, results } of signatures) {
      body.byte(0x60).unsigned(parameters.length).append(Uint8Array.from(parameters));
      body.unsigned(results.length).append(Uint8Array.from(results));
    }
  });
  section(out, 2, (body) => writeImports(body, parts, typeOf));
  section(out, 3, (body) => {
    body.unsigned(functions.length);
    for (const { signature } of functions) body.unsigned(typeOf(signature));
  });
  section(out, 7, (body) => {
    body.unsigned(functions.length);
    functions.forEach(({ name }, n) => body.text(name).byte(0).unsigned(imported + n));
  });
  writeHints(out, functions, imported);
  section(out, 10, (body) => {
    body.unsigned(functions.length);
    for (const { code } of functions) {
      const locals = localsOf(code);
      body.unsigned(locals.length + code.length + 1);
      body.append(locals.view()).append(code.view()).byte(0x0b);
    }
  });
  return out.view().slice();
}
