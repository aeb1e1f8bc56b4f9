// A browser with pages of a server's studio: what the screens say, what they log, what they are sent.
// Without a browser installed the suites are left out, and the reason is printed.

import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { afterTest } from "./server.js";

const CANDIDATES = [
  process.env.S2KIT_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
export const executablePath: string | undefined = CANDIDATES.find(
  (path) => path !== undefined && existsSync(path),
);
export const hasBrowser: boolean = executablePath !== undefined;
if (!hasBrowser)
  console.log(
    "studio tests are left out: no Chromium is installed (set S2KIT_CHROMIUM to its path)",
  );

/** One for all files of a worker, whose end is its own: to start one costs as much as two tests. */
let launched: Promise<Browser> | undefined;

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "dark" | "light";
  /** How far the clock of the browser is ahead of this machine's. */
  readonly skewMs?: number;
}

export interface Opened {
  readonly page: Page;
  /** What the page complained about: scripts refused, failed, threw. */
  readonly complaints: string[];
}

/** A page of its own context, so that nothing of another test is stored in it. */
export async function openStudio(
  url: string,
  hash = "",
  { width = 1280, height = 800, theme = "light", skewMs = 0 }: PageOptions = {},
): Promise<Opened> {
  launched ??= chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  const context = await (await launched).newContext({
    viewport: { width, height },
    colorScheme: theme,
    timezoneId: "Europe/Berlin",
  });
  // A page that is left open goes on asking its server, which is gone.
  afterTest(() => context.close());
  context.setDefaultTimeout(30_000);
  if (skewMs !== 0) await skewClock(context, skewMs);
  return await openPage(context, url, hash);
}

/** Another tab of the same browser profile. */
export async function openPage(context: BrowserContext, url: string, hash = ""): Promise<Opened> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // Refused requests are told as such too, and are not the page's fault.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  await page.addInitScript(countMessages);
  await page.goto(`${url}/studio/${hash}`);
  return { page, complaints };
}

/** The clock of the page and of its worker. */
async function skewClock(context: BrowserContext, skewMs: number): Promise<void> {
  const skewed = `{ const now = Date.now; Date.now = () => now() + ${skewMs}; }`;
  await context.addInitScript(skewed);
  await context.route("**/assets/worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${skewed}\n${await response.text()}` });
  });
}

export async function domNodes(page: Page): Promise<number> {
  return await page.evaluate(() => document.querySelectorAll("*").length);
}

/** The numbers of the rows that are drawn, from top to bottom. */
export async function shownNumbers(page: Page): Promise<readonly number[]> {
  const texts = await page.locator(".grid .body .seq").allInnerTexts();
  return texts.map((text) => Number(text.replaceAll(",", "")));
}

/** Pictures of records that the worker sent to the page since it began. */
export async function picturesSent(page: Page): Promise<number> {
  return await page.evaluate(
    () => (globalThis as unknown as { picturesSent: number }).picturesSent,
  );
}

/** What may scroll sideways by itself: lines of code as they stand, and the strips of one line. */
const SIDEWAYS = ".snippet .code, .status, .tools";

/** A page never scrolls sideways, and nothing in it but what is meant to. */
export async function expectNoOverflow(page: Page, where: string): Promise<void> {
  const wide = await page.evaluate((allowed) => {
    const found = [...document.querySelectorAll("*")].filter((element) => {
      if (element.scrollWidth <= element.clientWidth + 1 || element.matches(allowed)) return false;
      return /auto|scroll/.test(getComputedStyle(element).overflowX);
    });
    if (document.documentElement.scrollWidth > innerWidth) found.push(document.documentElement);
    return found.map((element) => element.outerHTML.slice(0, 120));
  }, SIDEWAYS);
  expect(wide, `${where} is too wide`).toEqual([]);
}

/** Listens beside the page to what its worker says. */
function countMessages(): void {
  const counts = globalThis as unknown as { picturesSent: number };
  counts.picturesSent = 0;
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      this.addEventListener("message", ({ data }: MessageEvent<{ kind: string }>) => {
        if (data.kind === "window") counts.picturesSent++;
      });
    }
  };
}
