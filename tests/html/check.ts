/**
 * Looks at pages in a browser as the tests do: axe, width, loads; light and dark, wide and narrow.
 * A whole run is a large page, so contrast is looked at once in each scheme, in a few of the texts that
 * look alike, and structure in each width, in a few of the elements that are made alike.
 *
 * usage: check.ts [--pictures FOLDER] PAGE…
 *
 * Exits with 0 when all is well, 1 when not, 64 without a page, 77 without a browser.
 */
import { parseArgs } from "@std/cli/parse-args";
import { resolve } from "node:path";
import { SKIPPED } from "../skipped.ts";
import {
  CHROMIUM,
  HEIGHT,
  isFile,
  LOOKS,
  NO_BROWSER,
  open,
  overflow,
  violations,
  withBrowser,
} from "./browser.ts";

const { _: pages, pictures } = parseArgs(Deno.args, { string: ["pictures", "_"] });
const missing = pages.map(String).find((page) => !isFile(page));
if (pages.length === 0 || missing !== undefined) {
  console.error(missing === undefined ? "no page is named" : `there is no page '${missing}'`);
  console.error("usage: check.ts [--pictures FOLDER] PAGE…");
  Deno.exit(64);
}
if (CHROMIUM === undefined) {
  console.log(`skipped: ${NO_BROWSER}`);
  Deno.exit(SKIPPED);
}

/** Higher pictures show nobody anything. */
const MOST_HEIGHT = 6000;

/** Elements of a page that holds everything of a small one many times over. */
const LARGE = 20_000;
/** Of sections and elements of such a page that are made alike. */
const BESIDE = 4;
/** Of texts that look alike; where they stand may matter, too. */
const ALIKE = 5;

let passed = 0, failed = 0;
await withBrowser(async (browser) => {
  for (const given of pages.map(String)) {
    for (const look of LOOKS) {
      const { page, misdeeds } = await open(browser, resolve(given), look);
      const name = `${given}, ${look.width} px, ${look.scheme}`;
      if (pictures !== undefined) {
        const file = given.split("/").at(-1)?.replace(/\.html$/, "");
        await Deno.mkdir(pictures, { recursive: true });
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        // In a window as high as the picture: to draw beyond a window takes half a minute.
        await page.setViewport({ width: look.width, height: Math.min(MOST_HEIGHT, height) });
        await page.screenshot({
          path: `${pictures}/${file}-${look.width}-${look.scheme}.png`,
          captureBeyondViewport: false,
        });
        await page.setViewport({ width: look.width, height: HEIGHT });
      }
      const elements = await page.evaluate(() => document.querySelectorAll("*").length);
      const wide = await overflow(page);
      const wrong = [
        ...wide > 0 ? [`${wide} px wider than its window`] : [],
        ...await violations(page, {
          contrast: look.width !== LOOKS[0]?.width,
          structure: look.scheme !== LOOKS[0]?.scheme,
          beside: elements > LARGE ? BESIDE : undefined,
          alike: ALIKE,
        }),
        ...misdeeds,
      ];
      await page.close();
      if (wrong.length === 0) passed++;
      else failed++;
      console.log([`${wrong.length === 0 ? "ok" : "FAILED"} ${name}`, ...wrong].join("\n  "));
    }
  }
});
console.log(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
