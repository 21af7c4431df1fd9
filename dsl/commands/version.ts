/** `version`: what this program is and which versions of things it reads. */
import { EVENT_SCHEMA } from "../../core/mod.ts";
import { REPRO_VERSION } from "../repro/document.ts";
import { EXIT } from "../exit.ts";
import type { Command } from "../flags.ts";
import { UsageError } from "../flags.ts";
import { LANGUAGE } from "../language.ts";
import { COSTS_VERSION } from "../shard.ts";
import { TRACE_VERSION } from "../trace_file.ts";
import { JSON_FLAG } from "./scripts.ts";

export const versionCommand: Command = {
  name: "version",
  usage: "",
  help: "Prints the versions of the program, of the language, and with --json of what is written.",
  flags: [JSON_FLAG],
  run: (given, host) => {
    if (given.rest.length > 0) throw new UsageError("version takes no arguments");
    const document = {
      ckptlab: host.version,
      language: LANGUAGE,
      results: 1,
      events: EVENT_SCHEMA,
      trace: TRACE_VERSION,
      costs: COSTS_VERSION,
      repro: REPRO_VERSION,
    };
    host.stdout(
      given.on("json")
        ? JSON.stringify(document) + "\n"
        : `ckptlab ${host.version}, language ckpt ${LANGUAGE}\n`,
    );
    return Promise.resolve(EXIT.holds);
  },
};
