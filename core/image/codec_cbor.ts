/**
 * Plain data as CBOR, one value to one sequence of bytes: keys sorted, no tags, no shared
 * structure. Whatever cbor-x could do besides is turned off, and what it reads is checked before
 * anyone sees it.
 */
import { Decoder, Encoder } from "cbor-x";
import { sameBytes } from "../base/bytes.ts";
import { ImageError } from "./image.ts";

/** What an image may hold: numbers, texts, truth values, nothing, bytes, lists and records. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Plain[]
  | { readonly [field: string]: Plain };

/** Deeper than any real state; it turns a value that contains itself into a sentence. */
const DEEPEST = 64;

const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  tagUint8Array: false,
  structuredClone: false,
};

/**
 * A copy of the value with records in the order of their keys; fields that are `undefined` are left
 * out, -0 becomes 0. What is not plain data is an {@linkcode ImageError} with the field's path.
 */
export function plain(value: unknown, path = "value"): Plain {
  return copied(value, [path]);
}

/** `way`: the fields that lead to the value; text is made of them only where one is refused. */
function copied(value: unknown, way: (string | number)[]): Plain {
  if (way.length > DEEPEST + 1) {
    throw refusal(way, `nesting deeper than ${DEEPEST}, or a value that holds itself`);
  }
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return value + 0;
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw refusal(way, "a text with half a surrogate pair");
    return value;
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== "object") throw refusal(way, `a ${typeof value}`);
  if (Array.isArray(value)) {
    const list: Plain[] = [];
    // Not map(), which would step over the holes of a sparse list.
    for (let index = 0; index < value.length; index++) {
      way.push(index);
      list.push(copied(value[index], way));
      way.pop();
    }
    return list;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refusal(way, `an object of class ${value.constructor?.name ?? "?"}`);
  }
  const record: Record<string, Plain> = {};
  for (const key of Object.keys(value).sort()) {
    if (key === "__proto__" || !key.isWellFormed()) {
      throw refusal(way, `the key ${JSON.stringify(key)}`);
    }
    const field = (value as Record<string, unknown>)[key];
    if (field === undefined) continue;
    way.push(key);
    record[key] = copied(field, way);
    way.pop();
  }
  return record;
}

function refusal([first, ...fields]: readonly (string | number)[], found: string): ImageError {
  const path = fields.map((field) => typeof field === "number" ? `[${field}]` : `.${field}`);
  return new ImageError(
    `${first}${path.join("")}: expected plain data (number, text, truth value, bytes, list, ` +
      `record), found ${found}; an image holds nothing else`,
  );
}

/** They keep nothing from one value to the next, and are slow to make. */
const ENCODER = new Encoder(OPTIONS), DECODER = new Decoder(OPTIONS);

/** What the encoder hands out is a view of a buffer that it goes on using. */
const encoded = (value: Plain): Uint8Array => new Uint8Array(ENCODER.encode(value));

/**
 * The one CBOR form of a value of plain data.
 *
 * @example
 * ```ts
 * import { toCbor } from "./codec_cbor.ts";
 * const one = toCbor({ a: 1, b: [2] }), two = toCbor({ b: [2], a: 1 });
 * if (one.join() !== two.join()) throw new Error("unreachable");
 * ```
 */
export function toCbor(value: unknown, path?: string): Uint8Array {
  return encoded(plain(value, path));
}

/**
 * The value of bytes that {@linkcode toCbor} made. Anything else is an {@linkcode ImageError}, also
 * CBOR that another writer spelled differently: one value has one form.
 */
export function fromCbor(bytes: Uint8Array, file: string): Plain {
  let value: Plain;
  try {
    value = plain(DECODER.decode(bytes) as unknown, file);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new ImageError(
      `${file}: expected one value in CBOR, found bytes that are not (${what}); ` +
        "use an image written by this program",
    );
  }
  const again = encoded(value);
  if (!sameBytes(again, bytes)) {
    throw new ImageError(
      `${file}: expected CBOR with sorted keys and shortest lengths, found another spelling of ` +
        "the same value; use an image written by this program",
    );
  }
  return value;
}
