// A browser as people have it: tabs in one window, of which one is in front. What drives the other tests tells
// every page that it is in sight; here that is left out, so the browser hides what is behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { executablePath } from "./browser.js";
import { afterTest } from "./server.js";

/** @returns the profile's own context: each of its pages is a tab, and the newest is in front */
export async function openTabs(): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), "studio-tabs-"));
  const child = spawn(
    executablePath ?? "",
    [
      "--headless=new",
      "--no-sandbox",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the browser ended: ${said}`)));
  });
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  afterTest(async () => {
    await browser.close();
    if (child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("the browser has no context");
  context.setDefaultTimeout(30_000);
  return context;
}
