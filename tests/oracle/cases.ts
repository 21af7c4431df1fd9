/** The programs that are run here and under qemu-sh4: what they are given, and what is compared. */
import { registersProgram, resourcesProgram } from "../core/image/frozen_programs.ts";
import type { Case } from "./runner.ts";

const guests = new URL("../../scenarios/guests/", import.meta.url).pathname;
const text = (lines: string) => new TextEncoder().encode(lines);

/** A text that compresses a little and has something to find. */
const prose = text(
  Array.from({ length: 400 }, (_, n) => `line ${n}: ${(n * 7919) % 1009} of the quick brown fox\n`)
    .join(""),
);

const LUA = `
local t = {} for i = 1, 400 do t[i] = (i * 7919) % 1009 end table.sort(t)
print(#t, t[1], t[200], t[400], string.format("%.6f %g", math.sin(1), 2^53))
local words = {} for w in ("the quick brown fox"):gmatch("%a+") do words[#words+1] = w:upper() end
print(table.concat(words, " "), pcall(error, "caught"))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(co(), co(), co(), 7 // 2, -7 % 3, 1e300 * 1e10, 0/0 ~= 0/0)
`;

const guest = (name: string, ...guestArgs: string[]): Case => ({
  name: `${name} ${guestArgs.join(" ")}`.trim(),
  file: `${guests}${name}.elf`,
  args: guestArgs,
});
const program =
  (cache: string) => (name: string, input: Uint8Array, ...programArgs: string[]): Case => ({
    name: `${name} ${programArgs.join(" ")}`.trim(),
    file: `${cache}/programs/${name}`,
    args: programArgs,
    input,
  });

/** The guests of one process, but for those that only measure. */
export const GUEST_CASES: readonly Case[] = [
  guest("matmul", "32"),
  guest("matmul", "32", "float"),
  guest("matmul", "0"),
  guest("fft", "512"),
  guest("sort", "300"),
  guest("pattern", "16384"),
  guest("josephus", "5000", "10"),
  guest("wmem1", "32", "6", "20"),
  guest("wmem2", "32", "6", "20"),
  guest("counter", "5", "20000"),
  { ...guest("clock", "4", "3000"), printsTimes: true },
  { ...guest("echo"), input: text("one\ntwo\n\nlast without an end") },
];

/** Guests with files of their own, which no executable can bring along. */
export const FILE_GUEST_CASES: readonly Case[] = [guest("notes", "60", "8", "20")];

/** The other guests; those of jobs are alone here. */
export const OTHER_GUEST_CASES: readonly Case[] = [
  guest("writer", "1024", "16", "6", "20"),
  guest("server", "4", "1200", "20"),
  guest("fractal", "24", "32", "50"),
  guest("matpower", "12", "4"),
  guest("heat", "12", "12", "20"),
  guest("ring", "20", "64", "500"),
  guest("gossip", "10"),
  guest("bank", "10"),
  guest("exits", "4", "10"),
  guest("puppet"),
  guest("pi", "5000", "2"),
  { ...guest("clock", "4", "3000", "40"), printsTimes: true },
  { ...guest("echo"), name: "echo of much", input: prose },
];

/** The programs of a cache. */
export function programCases(cache: string): readonly Case[] {
  const run = program(cache);
  return [
    run("lua", text(LUA), "-"),
    run("lua", text("error('seen')"), "-"),
    run("bzip2", prose, "-c"),
    run("gzip", prose, "-c", "-n"),
    run("grep", prose, "-n", "-E", "(1|3)7 of .*fox$"),
    run("grep", prose, "-c", "nothing like it"),
  ];
}

/** A program written into a folder. */
function written(name: string, bytes: Uint8Array, folder: string, more: Partial<Case> = {}): Case {
  const file = `${folder}/${name}.elf`;
  Deno.writeFileSync(file, bytes, { mode: 0o755 });
  return { name, file, ...more };
}

/** Programs in which every register, and one of everything that a process may have, is alive. */
export const tinyCases = (folder: string): readonly Case[] => [
  ...Array.from(
    { length: 12 },
    (_, seed) => written(`registers ${seed}`, registersProgram(seed).bytes, folder),
  ),
  written("resources", resourcesProgram(), folder, { isDelicate: true }),
];

/** What `frozen.c` is with a compiler: a program with a C library that has much to freeze. */
export function compiledCases(cache: string, folder: string): readonly Case[] {
  const source = new URL("frozen.c", import.meta.url).pathname;
  const file = `${folder}/frozen`;
  const args = ["-O2", "-Wall", "-Wextra", "-static", "-o", file, source];
  const { success, stderr } = new Deno.Command(`${cache}/sh4/bin/sh4-cc`, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return [{ name: "frozen.c", file, args: ["with an argument"] }];
}

/** More ways to use them: a script that is read piece by piece, and files by name. */
export function moreProgramCases(cache: string, folder: string): readonly Case[] {
  const run = program(cache);
  const file = `${folder}/prose`;
  Deno.writeFileSync(file, prose);
  const long = text(Array.from({ length: 300 }, (_, n) => `print(${n}, ${n} * ${n})\n`).join(""));
  const nothing = new Uint8Array(0);
  return [
    { ...run("lua", long, "-"), name: "lua, a long script" },
    { ...run("grep", nothing, "-n", "9 of", file), name: "grep in a file", mounts: [file] },
    {
      ...run("gzip", nothing, "-c", "-n", "-d", "-f", file),
      name: "gzip of a file",
      mounts: [file],
    },
    { ...run("bzip2", nothing, "-c", "-k", file), name: "bzip2 of a file", mounts: [file] },
  ];
}

/** Numbers stand for themselves, but for a program that prints times. */
export const comparable = (text: string, { printsTimes }: Case): string =>
  printsTimes === true ? text.replaceAll(/\d+/g, "#") : text;
