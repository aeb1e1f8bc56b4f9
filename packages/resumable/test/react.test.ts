// The hooks with React itself, in Chromium: what is said is shown, through a reload and a cut in the middle of a word; another
// text begins anew, and nobody is left who reads what is not shown.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResumableChat } from "../src/anthropic/index.js";
import { createResumableStreamContext } from "../src/context/index.js";
import { ScriptedApi } from "./harness/anthropic-api.js";
import { serveSite } from "./harness/site.js";
import { basinOf, Model, startServer } from "./harness/world.js";

const CHROMIUM = [process.env.S2KIT_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== undefined && existsSync(path),
);

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("react/page.tsx", import.meta.url))],
    bundle: true,
    format: "esm",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"development"' },
    write: false,
  });
  return outputFiles[0]?.text ?? expect.fail("nothing was bundled");
}

describe.runIf(CHROMIUM !== undefined)("a page of React (needs Chromium)", () => {
  let browser: Browser;
  let script: string;
  beforeAll(async () => {
    script = await bundled();
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(async () => browser?.close());

  it("shows what is said through a reload and a cut, and one text at a time", async () => {
    const url = await startServer();
    const api = await new ScriptedApi().start();
    const components = { basin: basinOf(url), leaseDurationMs: 60_000 };
    const chat = createResumableChat(components);
    const context = createResumableStreamContext({ ...components, waitUntil: null });
    const models = { one: new Model(), two: new Model() };
    const html = '<!doctype html><body></body><script type="module" src="/page.js"></script>';
    const site = await serveSite((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/chats/turn") return chat.replay("turn", request);
      if (pathname.startsWith("/texts/")) return context.replay(pathname.slice(7), request);
      const [type, body] =
        pathname === "/page.js"
          ? (["text/javascript", script] as const)
          : (["text/html", html] as const);
      return new Response(body, { headers: { "content-type": type } });
    });
    await chat.makeResumable("turn", () => api.stream(), { delivery: "replay" });
    for (const [id, { make }] of Object.entries(models)) await context.resumableStream(id, make);
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      const isLoading = /Failed to load resource|ERR_/.test(message.text());
      if (message.type() === "error" && !isLoading) complaints.push(message.text());
    });
    const shown = async (id: string): Promise<string> =>
      page
        .locator(`#${id}`)
        .evaluate((element: HTMLElement) => `${element.dataset["state"]}: ${element.textContent}`);
    await page.goto(site.url);
    api.say("Be", "ca");
    models.one.say("the first");
    await expect.poll(() => shown("turn")).toBe("running: Beca");
    await expect.poll(() => shown("text")).toBe("running: the first");
    await page.reload();
    await expect.poll(() => shown("turn")).toBe("running: Beca");
    site.cut();
    api.say("use", ".");
    await expect.poll(() => shown("turn")).toBe("done: Because");

    await page.locator("#show-two").click();
    await expect.poll(() => shown("text")).toBe("running: ");
    models.two.say("the second");
    await expect.poll(() => shown("text")).toBe("running: the second");
    await page.locator("#show-undefined").click();
    await expect.poll(() => shown("text")).toBe("idle: ");
    // Nobody reads any more, and the models go on.
    await expect
      .poll(
        async () =>
          /^s2kit_sessions (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1],
      )
      .toBe("0");
    models.two.fail(new Error("of the model"));
    await page.locator("#show-two").click();
    await expect.poll(() => shown("text")).toBe("failed: the second");
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
