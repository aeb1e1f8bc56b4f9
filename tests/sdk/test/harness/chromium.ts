// Where a browser is, if one is installed: tests in it are left out otherwise, and say so.

import { existsSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
  process.env.S2KIT_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));

export const hasBrowser: boolean = executablePath !== undefined;
if (!hasBrowser)
  console.log(
    "browser tests are left out: no Chromium is installed (set S2KIT_CHROMIUM to its path)",
  );

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
}

/** A site with one page, which has this script. */
export async function serveSite(
  script: string,
): Promise<{ readonly url: string; close(): unknown }> {
  const site = http.createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => site.close() };
}
