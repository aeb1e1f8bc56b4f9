// A browser with tabs of a chat. Without one installed the tests are left out, and the reason is printed.

import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach } from "vitest";

const executablePath: string | undefined = [
  process.env.S2KIT_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

export const hasBrowser: boolean = executablePath !== undefined;
if (!hasBrowser)
  console.log(
    "tests of the chat are left out: no Chromium is installed (set S2KIT_CHROMIUM to its path)",
  );

let launched: Promise<Browser> | undefined;
const contexts: BrowserContext[] = [];
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});
afterAll(async () => {
  await (await launched)?.close();
});

export class Tab {
  readonly page: Page;
  /** What scripts refused, failed, threw. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      // What cannot be loaded while a server is dead is no fault of the page.
      const isLoading = /Failed to load resource|ERR_/.test(message.text());
      if (message.type() === "error" && !isLoading) this.complaints.push(message.text());
    });
  }

  async ask(question: string): Promise<void> {
    await this.page.getByLabel("Question").fill(question);
    await this.page.getByRole("button", { name: "Ask" }).click();
  }

  /** The state and the text of each answer. */
  answers(): Promise<{ state: string; text: string }[]> {
    return this.page.locator(".answer").evaluateAll((all) =>
      all.map((answer) => ({
        state: (answer as HTMLElement).dataset.state ?? "",
        text: answer.textContent ?? "",
      })),
    );
  }

  /** Of the last answer. */
  async text(): Promise<string> {
    return (await this.answers()).at(-1)?.text ?? "";
  }

  async state(): Promise<string> {
    return (await this.answers()).at(-1)?.state ?? "";
  }
}

/** Each in a profile of its own: nothing is shared but the address. */
export async function openTab(url: string): Promise<Tab> {
  launched ??= chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  const context = await (await launched).newContext({ viewport: { width: 760, height: 700 } });
  context.setDefaultTimeout(30_000);
  contexts.push(context);
  const tab = new Tab(await context.newPage());
  await tab.page.goto(url);
  return tab;
}
