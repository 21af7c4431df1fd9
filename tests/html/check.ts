/**
 * Looks at pages in a browser as the tests do: axe, width, loads; light and dark, wide and narrow.
 *
 * usage: check.ts [--pictures FOLDER] PAGE…
 */
import { parseArgs } from "@std/cli/parse-args";
import { resolve } from "node:path";
import { CHROMIUM, LOOKS, NO_BROWSER, open, overflow, violations, withBrowser } from "./browser.ts";

const { _: pages, pictures } = parseArgs(Deno.args, { string: ["pictures", "_"] });
if (CHROMIUM === undefined) {
  console.log(`skipped: ${NO_BROWSER}`);
  Deno.exit(0);
}

/** Higher pictures show nobody anything. */
const MOST_HEIGHT = 6000;

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
        await page.screenshot({
          path: `${pictures}/${file}-${look.width}-${look.scheme}.png`,
          clip: { x: 0, y: 0, width: look.width, height: Math.min(MOST_HEIGHT, height) },
        });
      }
      const wide = await overflow(page);
      const wrong = [
        ...wide > 0 ? [`${wide} px wider than its window`] : [],
        ...await violations(page),
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
