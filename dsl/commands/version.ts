/** `version`: what this program is and which versions of things it reads. */
import { EXIT } from "../exit.ts";
import type { Command } from "../flags.ts";
import { UsageError } from "../flags.ts";
import { JSON_FLAG } from "./scripts.ts";

/** The version of the language; the number behind `ckpt`. */
export const LANGUAGE = 1;

export const versionCommand: Command = {
  name: "version",
  usage: "",
  help: "Prints the versions of the program and of the language.",
  flags: [JSON_FLAG],
  run: (given, host) => {
    if (given.rest.length > 0) throw new UsageError("version takes no arguments");
    const document = { ckptlab: host.version, language: LANGUAGE, results: 1 };
    host.stdout(
      given.on("json")
        ? JSON.stringify(document) + "\n"
        : `ckptlab ${host.version}, language ckpt ${LANGUAGE}\n`,
    );
    return Promise.resolve(EXIT.holds);
  },
};
