/**
 * The objects of the language that everybody shares: a plugin's module that changes one changes the
 * lab, so what it changed is put back and it is refused.
 */

/** What a prototype is called that has no name of its own. */
const generator: unknown = Object.getPrototypeOf(function* () {});
const typedArray: unknown = Object.getPrototypeOf(Uint8Array);

/** Constructors: they and their prototypes are looked at. */
const CONSTRUCTORS = [
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Date,
  RegExp,
  Promise,
  Map,
  Set,
  WeakMap,
  WeakSet,
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Uint8Array,
  Int32Array,
  Uint32Array,
  Float64Array,
  Error,
  TypeError,
  TextEncoder,
  TextDecoder,
] as const;

const SHARED: readonly (readonly [name: string, object: object])[] = [
  ...CONSTRUCTORS.flatMap((one): (readonly [string, object])[] => [
    [one.name, one],
    [`${one.name}.prototype`, one.prototype as object],
  ]),
  ["TypedArray", typedArray as object],
  ["TypedArray.prototype", Reflect.get(typedArray as object, "prototype") as object],
  ["Generator.prototype", Reflect.get(generator as object, "prototype") as object],
  ["Iterator.prototype", Object.getPrototypeOf(Object.getPrototypeOf([].values()))],
  ["Array Iterator.prototype", Object.getPrototypeOf([].values())],
  ["Math", Math],
  ["JSON", JSON],
  ["Reflect", Reflect],
  ["Atomics", Atomics],
  ["WebAssembly", WebAssembly],
];

/** Kept before a plugin may have changed them. */
const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;
const same = Object.is;

type Kept = ReadonlyMap<PropertyKey, PropertyDescriptor | undefined>;

/** What the shared objects are. */
export type Intrinsics = readonly (readonly [name: string, object: object, kept: Kept])[];

/** The shared objects as they are now. */
export const intrinsics = (): Intrinsics =>
  SHARED.map(([name, object]) => [
    name,
    object,
    new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)])),
  ]);

const FIELDS = ["value", "get", "set", "writable", "enumerable", "configurable"] as const;

function isChanged(
  object: object,
  key: PropertyKey,
  kept: PropertyDescriptor | undefined,
): boolean {
  const now = getOwnPropertyDescriptor(object, key);
  return FIELDS.some((field) => !same(now?.[field], kept?.[field]));
}

/** Puts back what has been changed; its names. */
export function putBack(before: Intrinsics): readonly string[] {
  const changed: string[] = [];
  for (const [name, object, kept] of before) {
    for (const key of new Set([...kept.keys(), ...ownKeys(object)])) {
      const was = kept.get(key);
      if (!isChanged(object, key, was)) continue;
      if (was === undefined) deleteProperty(object, key);
      else defineProperty(object, key, was);
      changed.push(`${name}.${String(key)}`);
    }
  }
  return changed;
}
