// The client in a real browser against the real server, across origins: append by WebSocket and by fetch,
// follow by server-sent events and by WebSocket, abort, reconnect, readable errors. Without a browser
// installed there is nothing to run, and the reason is printed.

import { existsSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { SessionTransport } from "@s2kit/client";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { build } from "esbuild";
import { type Browser, type Page as BrowserPage, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "./harness/page.js";
import { closing, connect, startServer } from "./harness/server.js";

const CANDIDATES = [
  process.env.S2KIT_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined)
  console.log(
    "browser tests are left out: no Chromium is installed (set S2KIT_CHROMIUM to its path)",
  );

describe.runIf(executablePath !== undefined)(
  "in a browser (needs Chromium; S2KIT_CHROMIUM names it)",
  () => {
    let browser: Browser;
    let page: BrowserPage;
    let site: http.Server;

    beforeAll(async () => {
      const bundled = await build({
        entryPoints: [`${import.meta.dirname}/harness/page.ts`],
        bundle: true,
        write: false,
        format: "esm",
        platform: "browser",
      });
      const script = bundled.outputFiles[0]?.text ?? "";
      site = http.createServer((request, response) => {
        const isScript = request.url === "/page.js";
        response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
        response.end(isScript ? script : '<script type="module" src="/page.js"></script>');
      });
      await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
      browser = await chromium.launch({
        executablePath: executablePath ?? "",
        args: ["--no-sandbox"],
      });
      page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
      await page.waitForFunction("globalThis.s2page !== undefined");
    }, 60_000);

    afterAll(async () => {
      await browser.close();
      site.close();
    });

    async function run<K extends keyof Page>(
      name: K,
      ...args: Parameters<Page[K]>
    ): Promise<Awaited<ReturnType<Page[K]>>> {
      return (await page.evaluate(
        ([call, values]) =>
          (
            (globalThis as unknown as { s2page: Record<string, (...each: unknown[]) => unknown> })
              .s2page[call] as (...each: unknown[]) => unknown
          )(...values),
        [name, args] as const,
      )) as Awaited<ReturnType<Page[K]>>;
    }

    const expected = (count: number): string[] => Array.from({ length: count }, (_, i) => `b${i}`);
    const carriers: readonly SessionTransport[] = ["ws", "fetch"];

    it.each(carriers)("appends in order over %s", async (transport) => {
      const { url } = await startServer();
      expect(await run("append", url, transport, "s", 50)).toEqual(
        Array.from({ length: 50 }, (_, i) => i),
      );
    });

    it.each(carriers)("follows live over %s", async (transport) => {
      const { url } = await startServer();
      const following = run("follow", url, transport, "s", 200);
      await run("produce", url, "ws", "s", 200);
      expect(await following).toEqual(expected(200));
    });

    it.each(carriers)("goes on over %s when the connection breaks", async (transport) => {
      const { url } = await startServer();
      const network = closing(await startFaultyNetwork(url));
      const following = run("follow", network.url, transport, "s", 20);
      const writer = await connect(url).basin("test-basin").stream("s").appendSession();
      for (let i = 0; i < 20; i++) {
        const seen = network.connectionCount;
        if (i % 5 === 4) network.cut();
        while (
          i % 5 === 4
            ? network.connectionCount === seen
            : seen === 0 && network.connectionCount === 0
        )
          await new Promise((resolve) => setTimeout(resolve, 5));
        await (
          await writer.submit({ records: [{ headers: [], body: Buffer.from(`b${i}`) }] })
        ).ack();
      }
      expect(await following).toEqual(expected(20));
      expect(network.connectionCount).toBeGreaterThan(2);
      await writer.close();
    });

    it.each(carriers)("aborts a live read over %s", async (transport) => {
      const { url } = await startServer();
      expect(await run("abort", url, transport, "s")).toBe("ABORTED");
    });

    it.each(carriers)("reads the server's error across origins over %s", async (transport) => {
      const { url } = await startServer();
      await connect(url).basins.create({ basin: "strict-basin" });
      expect(await run("failure", url, transport, "missing")).toBe("stream_not_found 404");
    });
  },
);
