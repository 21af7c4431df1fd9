import { assert, assertEquals } from "@std/assert";
import { CODES } from "../../dsl/codes.ts";
import { type Diagnostic, renderDiagnostic } from "../../dsl/diagnostic.ts";
import { load } from "../../dsl/load.ts";
import { positionOf } from "../../dsl/source.ts";
import { BAD_SCRIPTS } from "./bad_scripts.ts";
import { fakeHost, fakePlugins, noOverrides, VOCABULARY } from "./fake.ts";
import { assertGolden } from "./golden.ts";

async function diagnose(text: string | Uint8Array): Promise<readonly Diagnostic[]> {
  const { host } = fakeHost({ "bad.ckpt": text });
  const options = { vocabulary: VOCABULARY, overrides: noOverrides() };
  return (await load("bad.ckpt", host.readFile, options, fakePlugins)).diagnostics;
}

const short = ({ span, code }: Diagnostic): string => {
  const { line, column } = positionOf(span.source, span.start);
  return `${line}:${column} ${code}`;
};

for (const { name, text, wants } of BAD_SCRIPTS) {
  Deno.test(`bad script: ${name}`, async () => {
    const found = await diagnose(text);
    assertEquals(found.map(short), wants);
    assert(wants.length > 0, "a bad script must be answered");
  });
}

Deno.test("names of bad scripts are different, and there are many", () => {
  assertEquals(new Set(BAD_SCRIPTS.map((one) => one.name)).size, BAD_SCRIPTS.length);
  assert(BAD_SCRIPTS.length >= 100);
});

Deno.test("the diagnostics of bad scripts read as stored", async () => {
  const parts: string[] = [];
  for (const { name, text } of BAD_SCRIPTS) {
    const found = await diagnose(text);
    parts.push(`== ${name}\n${found.map(renderDiagnostic).join("\n")}\n`);
  }
  assertGolden("bad_scripts.txt", parts.join("\n"));
});

Deno.test("every code of scripts is met by some bad script", () => {
  const met = new Set(BAD_SCRIPTS.flatMap(({ wants }) => wants.map((want) => want.split(" ")[1])));
  // These come from files and runs, and have tests of their own.
  const elsewhere = ["CK0105", "CK0107", "CK0309", "CK0412", "CK0504", "CK0610"];
  assertEquals(
    Object.keys(CODES).filter((code) => !met.has(code) && !elsewhere.includes(code)),
    [],
  );
});

Deno.test("a byte order mark and carriage returns are no errors", async () => {
  const text =
    '\uFEFFckpt 1\r\nscenario "a" {\r\n node n\r\n proc p on n runs fft\r\n expect p.exited\r\n}\r\n';
  assertEquals((await diagnose(text)).map(short), []);
  assertEquals((await diagnose(text.replace("p.exited", "p.exitd"))).map(short), ["5:11 CK0305"]);
});

Deno.test("bytes that are no UTF-8 are named by place", async () => {
  const bytes = new TextEncoder().encode('ckpt 1\nlet a = "ab"\n');
  bytes[16] = 0xff;
  assertEquals((await diagnose(bytes)).map(short), ["2:10 CK0105"]);
});

Deno.test("random bytes never throw", async () => {
  let state = 1;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) >> 16;
  for (let round = 0; round < 200; round++) {
    const bytes = Uint8Array.from({ length: next() % 200 }, () => next() % 256);
    assert((await diagnose(bytes)).length > 0);
  }
});

Deno.test("a script cut off anywhere never throws, and a cut inside is answered", async () => {
  const text = Deno.readTextFileSync(new URL("./corpus/1_single.ckpt", import.meta.url));
  const end = text.lastIndexOf("}");
  for (let length = text.indexOf("scenario") + 1; length < end; length++) {
    assert((await diagnose(text.slice(0, length))).length > 0, `cut at ${length}`);
  }
});

Deno.test("a script with any one character removed or doubled never throws", async () => {
  const text = Deno.readTextFileSync(new URL("./corpus/1_single.ckpt", import.meta.url));
  for (let at = 0; at < text.length; at++) {
    await diagnose(text.slice(0, at) + text.slice(at + 1));
    await diagnose(text.slice(0, at) + "}" + text.slice(at));
  }
});
