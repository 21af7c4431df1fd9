/** The strategies that come with the examples are held to the laws, as their authors would. */
import { conformance } from "ckptlab/testing";
import forkedCow from "../../scenarios/examples/plugins/forked_cow.ts";
import precopy from "../../scenarios/examples/plugins/precopy.ts";

const folder = new URL("../../scenarios/examples/plugins/", import.meta.url).href;

conformance({ test: Deno.test, factory: () => precopy, url: `${folder}precopy.ts` });
conformance({ test: Deno.test, factory: () => forkedCow, url: `${folder}forked_cow.ts` });
