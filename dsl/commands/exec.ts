/** `exec`: runs one program outside any scenario. The doing is plugged in. */
import { isNetwork, optional, strategyName } from "../exec_flags.ts";
import { type Command, type Given, pairs, UsageError, wholeNumber } from "../flags.ts";
import { checkLone, RANKS_FLAGS, ranksRequest } from "../exec_ranks_flags.ts";
import type { ExecRequest, Host } from "../host.ts";
import { JIT_FLAG, jitFlag } from "../jit_flag.ts";

/** A checkpoint needs a moment and a place. */
function checkTogether({ image, exported, checkpointAt, restore }: {
  readonly image: string | undefined;
  readonly exported: string | undefined;
  readonly checkpointAt: number | undefined;
  readonly restore: string | undefined;
}): void {
  if (checkpointAt !== undefined) {
    if (image !== undefined || exported !== undefined) return;
    throw new UsageError("--checkpoint-at goes with --image or --export");
  }
  if (image !== undefined) throw new UsageError("--image goes with --checkpoint-at");
  if (exported !== undefined && restore === undefined) {
    throw new UsageError("--export goes with --checkpoint-at or --restore");
  }
}

/** Reads the arguments; mistakes are UsageErrors. */
export function execRequest(given: Given, host: Host): ExecRequest {
  checkLone(given);
  const restore = given.text("restore");
  const [program, ...args] = given.rest;
  if (program === undefined && restore === undefined) {
    throw new UsageError("exec needs a program, or --restore with a folder");
  }
  if (program !== undefined && restore !== undefined) {
    throw new UsageError("with --restore the image names its program; leave it away");
  }
  const image = given.text("image");
  const exported = given.text("export");
  const checkpointAt = wholeNumber(given, "checkpoint-at");
  if (given.on("compress") && image === undefined) {
    throw new UsageError("--compress goes with --image");
  }
  const replicas = wholeNumber(given, "replicas");
  if (replicas !== undefined && (image === undefined || !isNetwork(image))) {
    throw new UsageError("--replicas goes with --image redis://host:port/name");
  }
  checkTogether({ image, exported, checkpointAt, restore });
  return {
    program,
    args,
    mounts: pairs(given, "mount").map(([guest, host]) => ({ guest, host })),
    environment: Object.fromEntries(pairs(given, "env")),
    strace: given.on("strace"),
    stats: given.on("stats"),
    jit: jitFlag(given),
    compress: given.on("compress"),
    ...optional("budget", wholeNumber(given, "budget")),
    ...optional("checkpointAt", checkpointAt),
    ...optional("image", image),
    ...optional("replicas", replicas),
    ...optional("export", exported),
    ...optional("restore", restore),
    ...optional("checkpointer", strategyName(given, "checkpointer", host)),
  };
}

export const execCommand: Command = {
  name: "exec",
  usage: "program.elf [arguments]",
  help: "Runs a static SH-4 program with real standard input and output. Everything behind the " +
    "program's name belongs to the program.",
  stopEarly: true,
  flags: [
    {
      name: "mount",
      value: "guest=host",
      repeat: true,
      help: "Shows a file or folder of the host to the program, read-only. Repeatable.",
    },
    { name: "env", value: "NAME=value", repeat: true, help: "Sets a variable. Repeatable." },
    { name: "strace", help: "Print each system call to standard error." },
    {
      name: "stats",
      help: "Print instructions, TLB misses, pages and what was translated at the end.",
    },
    JIT_FLAG,
    { name: "budget", value: "N", help: "Stop after N instructions." },
    {
      name: "checkpoint-at",
      value: "N",
      help: "Take a checkpoint after N instructions, into the folder of --image, the file of " +
        "--export, or both.",
    },
    {
      name: "image",
      value: "folder",
      help: "Where the image goes; redis://host:port/name: into the memory of a Redis server.",
    },
    {
      name: "replicas",
      value: "N",
      help: "Replicas that must have the image too; without it all that follow the server.",
    },
    {
      name: "export",
      value: "file.elf",
      help: "Make an executable of the checkpoint, which goes on there wherever it is started: " +
        "here, under qemu-sh4, on SH-4 Linux. With --restore alone, of that image; nothing is run.",
    },
    { name: "compress", help: "Compress the image (zstd)." },
    {
      name: "restore",
      value: "folder",
      help:
        "Go on from an image instead of starting a program; also redis://host:port/name, with " +
        "several servers as host:port,host:port.",
    },
    { name: "checkpointer", value: "name", help: "Who takes the checkpoint." },
    ...RANKS_FLAGS,
  ],
  run: (given, host) =>
    given.text("ranks") === undefined
      ? host.exec(execRequest(given, host), host)
      : host.ranks(ranksRequest(given, host), host),
};
