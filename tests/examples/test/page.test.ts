// The page of examples/browser-page in Chromium: two tabs see each other's messages once and in one order, a reload
// goes on where the tab was with the token it had, and that token can do nothing but what the page does.

import { existsSync } from "node:fs";
import { S2, S2Error } from "@s2kit/client";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Program, startProgram } from "./harness/program.js";

const CHROMIUM = [
  process.env["S2KIT_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

describe.runIf(CHROMIUM !== undefined)("the page (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  let browser: Browser;
  let backend: Program;
  let address: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    backend = startProgram("browser-page", ["server.ts"], { PORT: "0" });
    address = await vi.waitFor(() => {
      const found = /open (\S+)/.exec(backend.stdout())?.[1];
      if (found === undefined) throw new Error("the backend does not listen yet");
      return found;
    }, 20_000);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    backend?.child.kill("SIGTERM");
    await backend?.ended;
  });

  /** A tab with a session of its own. */
  async function openTab(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(address);
    return page;
  }

  const messages = (page: Page): Promise<string[]> => page.locator("li").allTextContents();

  async function say(page: Page, text: string): Promise<void> {
    await page.getByLabel("Message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  }

  it("shows what others say, and after a reload all of it, once", async () => {
    const one = await openTab();
    await expect.poll(() => messages(one)).toEqual(["somebody came in"]);
    const two = await openTab();
    await say(one, "hello");
    await expect.poll(() => messages(two)).toContain("hello");
    await say(two, "good day");
    const all = ["somebody came in", "somebody came in", "hello", "good day"];
    await expect.poll(() => messages(one)).toEqual(all);

    await one.reload();
    await say(two, "while you were away");
    await say(one, "I am back");
    await expect.poll(() => messages(one)).toContain("I am back");
    await expect.poll(() => messages(one)).toContain("while you were away");
    await expect
      .poll(async () => (await messages(one)).toSorted())
      .toEqual([...all, "while you were away", "I am back"].toSorted());
    await expect.poll(() => messages(two)).toHaveLength(6);
    expect(complaints).toEqual([]);
  });

  it("has a token that does nothing else", async () => {
    const { accessToken, endpoint } = (await (await fetch(`${address}/token`)).json()) as Record<
      "accessToken" | "endpoint",
      string
    >;
    const s2 = new S2({ accessToken, endpoints: endpoint });
    const refused = async (call: Promise<unknown>): Promise<string | undefined> =>
      call.then(
        () => undefined,
        (error: unknown) => (error instanceof S2Error ? error.code : String(error)),
      );
    const rooms = s2.basin("example-rooms");
    expect(await refused(rooms.stream("lobby").checkTail())).toBeUndefined();
    expect(await refused(rooms.stream("another").append([{ body: "x" }]))).toBe(
      "permission_denied",
    );
    expect(await refused(rooms.stream("lobby").trim(1))).toBe("permission_denied");
    expect(await refused(s2.basins.list())).toBe("permission_denied");
    expect(await refused(rooms.streams.delete({ stream: "lobby" }))).toBe("permission_denied");
    await s2.close();
  });
});
