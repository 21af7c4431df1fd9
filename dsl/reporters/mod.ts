/** The reporters: what a run can be told as. */
import { dot } from "./dot.ts";
import { github } from "./github.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { pretty, quiet } from "./pretty.ts";
import type { Reporter } from "./reporter.ts";
import { blob, ndjson } from "./stream.ts";
import { study } from "./study.ts";
import { tap } from "./tap.ts";

/** The table. The first is what is printed when nobody asks for anything else. */
export const REPORTERS: readonly Reporter[] = [
  pretty,
  quiet,
  dot,
  junit,
  tap,
  github,
  html,
  study,
  json,
  ndjson,
  blob,
];
