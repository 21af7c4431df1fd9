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
  await page.setViewport({ width: look.width, height: 900 });
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
}

/** What axe finds wrong, a line each, with the first place of it. */
export async function violations(
  page: Page,
  { contrast = false, structure = false }: Leaving = {},
): Promise<readonly string[]> {
  if (contrast && structure) return [];
  await page.evaluate(() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  // The page refuses scripts that are not its own, so this one comes by the browser's protocol.
  await page.evaluate(Deno.readTextFileSync(AXE));
  const only = structure ? { runOnly: ["color-contrast"] } : {};
  const rules = contrast ? { rules: { "color-contrast": { enabled: false } } } : {};
  const options = JSON.stringify({ resultTypes: ["violations"], ...only, ...rules });
  const found = await page.evaluate(`axe.run(document, ${options})`);
  return (found as { violations: readonly Violation[] }).violations.map(({ id, help, nodes }) => {
    const [first] = nodes;
    return `${id}: ${help}; ${nodes.length} times, first ${first?.html.slice(0, 200)} ${
      first?.failureSummary ?? ""
    }`;
  });
}

/** How much wider the page is than its window, in px. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
