/** A page in a real browser: Chromium without a window, asked through its own protocol. */
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const AXE = new URL(import.meta.resolve("axe-core")).pathname;

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const NAMED = Deno.env.get("CHROMIUM");

/** Whether there is a file. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Where the browser is, or nothing: it is a package of the system, not of this project. One that is
 * named is the only one that will do.
 */
export const CHROMIUM: string | undefined = (NAMED === undefined ? CANDIDATES : [NAMED])
  .find(isFile);

/** Why nothing is looked at. */
export const NO_BROWSER = `no Chromium at ${NAMED ?? CANDIDATES.join(", ")}: install Debian's ` +
  "package 'chromium', or name one by CHROMIUM=/path";

/** How a page is looked at. */
export interface Look {
  readonly scheme: "light" | "dark";
  /** px */
  readonly width: number;
}

/** Every look that is tested. */
export const LOOKS: readonly Look[] = [1280, 420].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ scheme, width }))
);

/** Of every window, in px. */
export const HEIGHT = 900;

/** As long as a busy machine needs: it decides nothing but when to give up. */
const PATIENCE_MS = 240_000;

/** Begins a browser, lends it, and ends it. */
export async function withBrowser<T>(use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await puppeteer.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    headless: true,
    pipe: true,
    timeout: PATIENCE_MS,
    protocolTimeout: PATIENCE_MS,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** A page that is open, and what it did that it should not. */
export interface Opened {
  readonly page: Page;
  /** What it loaded besides itself, complained of, or was refused. */
  readonly misdeeds: readonly string[];
}

/** Opens a file. */
export async function open(browser: Browser, path: string, look: Look): Promise<Opened> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const misdeeds: string[] = [];
  page.on("console", (message) => misdeeds.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => misdeeds.push(`error: ${error}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("data:") && url !== `file://${path}`) misdeeds.push(`loads ${url}`);
  });
  await page.setViewport({ width: look.width, height: HEIGHT });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
  await page.goto(`file://${path}`);
  return { page, misdeeds };
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe is asked to leave out. */
export interface Leaving {
  /** Contrast: most of the work, and a matter of the scheme, not of the width. */
  readonly contrast?: boolean;
  /** Everything else: a matter of the width, not of the scheme. */
  readonly structure?: boolean;
  /** Structure is looked at in so many of what is made alike, in sections and beside each other. */
  readonly beside?: number | undefined;
  /** Of texts that look alike contrast is looked at in so many; the others are taken out of the page. */
  readonly alike?: number;
}

/** What axe finds wrong, a line each, with the first place of it. */
export async function violations(
  page: Page,
  { contrast = false, structure = false, beside, alike }: Leaving = {},
): Promise<readonly string[]> {
  const found: Violation[] = [], twice: string[] = [];
  const begin = async () => {
    await page.evaluate(() => {
      for (const one of document.querySelectorAll("details")) one.open = true;
    });
    // The page refuses scripts that are not its own, so this one comes by the browser's protocol.
    await page.evaluate(Deno.readTextFileSync(AXE));
  };
  const look = async (options: Record<string, unknown>) => {
    const given = JSON.stringify({ resultTypes: ["violations"], ...options });
    const { violations } = await page.evaluate(`axe.run(document, ${given})`) as {
      violations: readonly Violation[];
    };
    found.push(...violations);
  };
  if (!structure) {
    await begin();
    if (beside !== undefined) {
      twice.push(...await idsTwice(page));
      await keepMakes(page, beside);
    }
    await look({ rules: { "color-contrast": { enabled: false } } });
  }
  if (!contrast) {
    // What keepMakes took comes back: of elements made alike one may have another colour.
    if (beside !== undefined && !structure) await page.reload();
    if (alike !== undefined) await keepKinds(page, alike);
    if (beside !== undefined || structure) await begin();
    await look({ runOnly: ["color-contrast"] });
  }
  const lines = found.map(({ id, help, nodes }) => {
    const [first] = nodes;
    return `${id}: ${help}; ${nodes.length} times, first ${first?.html.slice(0, 200)} ${
      first?.failureSummary ?? ""
    }`;
  });
  return [...twice, ...lines];
}

/**
 * Keeps of the sections those that have something which fewer before them have, and of elements beside
 * each other so many that are made alike: with the same name, attributes, classes, roles and states,
 * with text or without, with something to scroll or not, in a parent that is made alike; and so is all
 * that is in them.
 */
const keepMakes = (page: Page, most: number): Promise<void> =>
  page.evaluate((most) => {
    const hasText = ({ childNodes }: Element) =>
      [...childNodes].some(({ nodeType, textContent }) =>
        nodeType === Node.TEXT_NODE && textContent?.trim() !== ""
      );
    const owns = new Map<Element, string>();
    const ownOf = (element: Element): string => {
      const known = owns.get(element);
      if (known !== undefined) return known;
      const attributes = [...element.attributes].map(({ name, value }) =>
        /^(class|role|type|tabindex|aria-(?!label|controls|describedby|owns))/.test(name)
          ? `${name}=${value}`
          : name
      ).toSorted();
      const scrolls = element.scrollWidth > element.clientWidth ||
        element.scrollHeight > element.clientHeight;
      const own = [element.nodeName, ...attributes, scrolls, hasText(element)].join(" ");
      owns.set(element, own);
      return own;
    };
    const makeOf = (element: Element): string =>
      `${element.parentElement === null ? "" : ownOf(element.parentElement)} > ${ownOf(element)}`;
    const insides = new Map<Element, string>();
    /** What it is, and all that is in it, each once. */
    const insideOf = (element: Element): string => {
      const known = insides.get(element);
      if (known !== undefined) return known;
      const parts = new Set([...element.children].flatMap((child) => insideOf(child).split("\n")));
      const inside = [makeOf(element), ...[...parts].toSorted()].join("\n");
      insides.set(element, inside);
      return inside;
    };
    insideOf(document.body);
    const thin = (element: Element) => {
      const counts = new Map<string, number>();
      for (const child of [...element.children]) {
        const inside = insideOf(child), count = counts.get(inside) ?? 0;
        counts.set(inside, count + 1);
        if (count >= most) child.remove();
        else thin(child);
      }
    };
    const seen = new Map<string, number>();
    for (const section of document.querySelectorAll("main > section")) {
      const makes = new Set(insideOf(section).split("\n"));
      const isKept = [...makes].some((make) => (seen.get(make) ?? 0) < most);
      if (!isKept) section.remove();
      else for (const make of makes) seen.set(make, (seen.get(make) ?? 0) + 1);
    }
    thin(document.body);
  }, most);

/** Ids that more than one element has: of a page from which parts are taken that is asked before. */
const idsTwice = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const seen = new Set<string>(), twice = new Set<string>();
    for (const { id } of document.querySelectorAll("[id]")) {
      if (seen.has(id)) twice.add(id);
      seen.add(id);
    }
    return [...twice].map((id) => `duplicate-id: more than one element is '${id}'`);
  });

/**
 * Keeps so many of the texts that look alike: with the same colour, size, weight and transparency, on
 * the same backgrounds, wherever they stand. What else there is goes, before a large page is laid out
 * with all that was folded away.
 */
const keepKinds = (page: Page, most: number): Promise<void> =>
  page.evaluate((most) => {
    for (const one of document.querySelectorAll("details")) one.open = true;
    const looks = new Map<Element, string>(), numbers = new Map<string, number>();
    const numberOf = (look: string) => {
      const number = numbers.get(look) ?? numbers.size;
      numbers.set(look, number);
      return number;
    };
    /** Its own, and by its number that of what it stands in. */
    const lookOf = (element: Element): string => {
      const known = looks.get(element);
      if (known !== undefined) return known;
      const parent = element.parentElement, style = getComputedStyle(element);
      const look = [
        ...parent === null ? [] : [numberOf(lookOf(parent))],
        ...[style.color, style.backgroundColor, style.backgroundImage, style.opacity],
        ...[style.fontSize, style.fontWeight, style.textShadow, style.position, style.display],
      ].join(" ");
      looks.set(element, look);
      return look;
    };
    const all = [...document.body.querySelectorAll("*")], kept = new Set<Element>();
    const counts = new Map<string, number>();
    for (const element of all) {
      const hasText = [...element.childNodes].some(({ nodeType, textContent }) =>
        nodeType === Node.TEXT_NODE && textContent?.trim() !== ""
      );
      if (!hasText) continue;
      const look = lookOf(element), count = counts.get(look) ?? 0;
      if (count >= most) continue;
      counts.set(look, count + 1);
      for (let at: Element | null = element; at !== null; at = at.parentElement) kept.add(at);
    }
    for (const element of all) {
      const { parentElement } = element;
      const isInKept = parentElement === document.body ||
        parentElement !== null && kept.has(parentElement);
      if (isInKept && !kept.has(element)) element.remove();
    }
  }, most);

/** How much wider the page is than its window, in px. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
