/** The page as a browser shows it: for everybody, at any width, by keyboard, on paper. */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "puppeteer-core";
import { CHROMIUM, LOOKS, NO_BROWSER, open, overflow, violations, withBrowser } from "./browser.ts";
import { html } from "../../dsl/reporters/html.ts";
import { study } from "../../dsl/reporters/study.ts";
import { eventsOf, streamOf } from "../dsl/streams.ts";
import { pageOf, REAL, REAL_FAILING } from "./render.ts";

if (CHROMIUM === undefined) console.log(`skipped: the page in a browser: ${NO_BROWSER}`);

const inBrowser = (name: string, act: () => Promise<void>): void =>
  Deno.test({ name, ignore: CHROMIUM === undefined, fn: act });

/** Two that are the least alike. */
const FEW = [LOOKS[0], LOOKS.at(-1)].flatMap((look) => look ?? []);

const FIGURES = eventsOf(await streamOf("figures"));

/** Every look at what fails; of what holds few. */
const PAGES = {
  failing: { events: REAL_FAILING, looks: LOOKS, reporter: html },
  compare: { events: REAL, looks: FEW, reporter: html },
  figures: { events: FIGURES, looks: FEW, reporter: html },
  study: { events: FIGURES, looks: FEW, reporter: study },
};

/** The page as a file, for as long as it is wanted. */
async function withFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".html" });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

for (const [name, { events, looks, reporter }] of Object.entries(PAGES)) {
  inBrowser(
    `the ${name} page: axe finds nothing, it fits its window, and loads nothing`,
    async () => {
      await withFile(await pageOf(events, reporter), (path) =>
        withBrowser(async (browser) => {
          for (const look of looks) {
            const { page, misdeeds } = await open(browser, path, look);
            assertEquals(await overflow(page), 0, JSON.stringify(look));
            // In all looks each is looked at twice: contrast in each scheme, structure in each width.
            const isAll = looks.length === LOOKS.length, [first] = LOOKS;
            const found = await violations(page, {
              contrast: isAll && look.width !== first?.width,
              structure: isAll && look.scheme !== first?.scheme,
            });
            assertEquals(found, [], JSON.stringify(look));
            assertEquals(misdeeds, []);
            await page.close();
          }
        }));
    },
  );
}

inBrowser("axe sees what is wrong, and the page refuses what is not its own", async () => {
  const [look] = LOOKS;
  assert(look !== undefined);
  const page = (await pageOf(REAL)).replace("--text:#1b2026", "--text:#c0c0c0")
    .replace(
      "</main>",
      '<img src="http://127.0.0.1:9/x.png"><script>document.title="x"</script></main>',
    );
  await withFile(page, (path) =>
    withBrowser(async (browser) => {
      const opened = await open(browser, path, look);
      const found = await violations(opened.page);
      assert(found.some((line) => line.startsWith("color-contrast")), found.join("\n"));
      assert(found.some((line) => line.startsWith("image-alt")), found.join("\n"));
      const structure = await violations(opened.page, { contrast: true });
      assertEquals(structure, found.filter((line) => !line.startsWith("color-contrast")));
      const [contrast, ...others] = await violations(opened.page, { structure: true });
      assert(contrast?.startsWith("color-contrast"), contrast);
      assertEquals(others, []);
      assert(await opened.page.title() !== "x");
      assert(opened.misdeeds.length > 0);
    }));
});

inBrowser(
  "of texts that look alike few are looked at, and the one that does not is found",
  async () => {
    const [look] = LOOKS;
    assert(look !== undefined);
    const text = await pageOf(REAL);
    const pale = text.replace(
      "</main>",
      '<p>as the others</p><p style="color:#bbb">pale</p></main>',
    );
    for (const [page, wrong] of [[text, 0], [pale, 1]] as const) {
      await withFile(page, (path) =>
        withBrowser(async (browser) => {
          const opened = await open(browser, path, look);
          const count = () => opened.page.evaluate(() => document.querySelectorAll("p, td").length);
          const all = await count();
          const found = await violations(opened.page, { structure: true, alike: 1 });
          assertEquals(found.length, wrong, found.join("\n"));
          assert(await count() < all / 2);
        }));
    }
  },
);

inBrowser("of what is made alike little is looked at, and what is not is found", async () => {
  const [look] = LOOKS;
  assert(look !== undefined);
  const text = await pageOf(REAL);
  const section = (items: string) =>
    `<section aria-label="s"><h2>s</h2><ul>${items}</ul></section>`.replace(
      '"s"',
      `"${items.length}"`,
    );
  const items = (count: number) =>
    Array.from({ length: count }, (_, n) => `<li>${n}</li>`).join("");
  const alike = Array.from({ length: 20 }, (_, n) => section(items(30 + n))).join("");
  // What is new, what is known in another place, and what is there twice.
  const cases = [
    [alike, undefined],
    [alike + section(`${items(25)}<li role="rowgroup">x</li>`), "aria-required-parent"],
    [alike + section(items(25)).replace("<h2>", "<div><li>x</li></div><h2>"), "listitem"],
    [alike + section(items(25)).replace("<li>7</li>", '<li><a href="#x"></a></li>'), "link-name"],
    [alike + section(items(25)).replace("<h2>", '<h2 id="x">').repeat(9), "duplicate-id"],
  ] as const;
  for (const [added, wrong] of cases) {
    await withFile(
      text.replace("</main>", `${added}</main>`),
      (path) =>
        withBrowser(async (browser) => {
          const opened = await open(browser, path, look);
          const found = await violations(opened.page, { contrast: true, beside: 2 });
          const ids = found.map((line) => line.replace(/:.*/s, ""));
          const planted: readonly (string | undefined)[] = cases.map(([, id]) => id);
          const caught = ids.filter((id) => planted.includes(id));
          assertEquals(caught, wrong === undefined ? [] : [wrong]);
          const count = await opened.page.evaluate(() =>
            document.querySelectorAll("section[aria-label] li").length
          );
          assert(count <= 8, `${count} are left`);
        }),
    );
  }
});

/** What has the focus, as a text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const at = document.activeElement;
    return `${at?.localName ?? ""} ${
      at?.id || at?.className || at?.textContent?.slice(0, 30) || ""
    }`;
  });

const isShown = (page: Page, selector: string): Promise<boolean> =>
  page.$eval(selector, (element) => element.checkVisibility());

inBrowser("by keyboard: skip, filter, jump to a cell and unfold it", async () => {
  await withFile(await pageOf(REAL_FAILING), (path) =>
    withBrowser(async (browser) => {
      const { page } = await open(browser, path, { scheme: "light", width: 1280 });
      await page.keyboard.press("Tab");
      assertEquals(await focused(page), "a skip");
      await page.keyboard.press("Enter");
      assertEquals(await focused(page), "main results");
      await page.focus("#show-failed");
      await page.keyboard.press("Space");
      assertEquals(await isShown(page, "details.cell.v-failed"), false);
      assertEquals(await isShown(page, "details.cell.v-holds"), true);
      await page.keyboard.press("Space");
      assertEquals(await isShown(page, "details.cell.v-failed"), true);
      const folded = await page.$eval("details.cell:not([open])", ({ id }) => id);
      const to = `#${folded}`;
      await page.focus(`a.chip[href='${to}']`);
      await page.keyboard.press("Enter");
      await page.waitForFunction(
        (id) => document.querySelector<HTMLDetailsElement>(id)?.open === true,
        {},
        to,
      );
      assertEquals(
        await focused(page),
        await page.$eval(to, (cell) => {
          const summary = cell.querySelector("summary");
          return `summary ${summary?.textContent?.slice(0, 30)}`;
        }),
      );
      const outline = await page.evaluate(() =>
        getComputedStyle(document.activeElement as Element).outlineStyle
      );
      assertEquals(outline, "solid", "the focus is seen");
    }));
});

inBrowser("on paper there are no controls, and without scripts there is everything", async () => {
  await withFile(await pageOf(REAL_FAILING), (path) =>
    withBrowser(async (browser) => {
      const { page } = await open(browser, path, { scheme: "dark", width: 1280 });
      await page.emulateMediaType("print");
      assertEquals(await isShown(page, ".filter"), false);
      assertEquals(
        await page.evaluate(() =>
          getComputedStyle(document.documentElement).getPropertyValue("--page")
        ),
        "#ffffff",
      );
      const plain = await browser.newPage();
      await plain.setJavaScriptEnabled(false);
      await plain.goto(`file://${path}`);
      assertEquals(
        await plain.$$eval(".claim", (all) => all.length),
        await page.$$eval(".claim", (all) => all.length),
      );
      assertEquals(await plain.$$eval("button", (all) => all.length), 0);
    }));
});
