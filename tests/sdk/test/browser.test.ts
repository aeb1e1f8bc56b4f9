// The client in a real browser against the real server, across origins: append by WebSocket and by fetch,
// follow by server-sent events and by WebSocket, abort, reconnect, readable errors. Without a browser
// installed there is nothing to run, and the reason is printed.

import type { SessionTransport } from "@s2kit/client";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { build } from "esbuild";
import type { Browser, Page as BrowserPage } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, launch, serveSite } from "./harness/chromium.js";
import type { Page } from "./harness/page.js";
import { closing, connect, startServer } from "./harness/server.js";

describe.runIf(hasBrowser)("in a browser (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  let browser: Browser;
  let page: BrowserPage;
  let site: Awaited<ReturnType<typeof serveSite>>;

  beforeAll(async () => {
    const bundled = await build({
      entryPoints: [`${import.meta.dirname}/harness/page.ts`],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
    });
    site = await serveSite(bundled.outputFiles[0]?.text ?? "");
    browser = await launch();
    page = await browser.newPage();
    await page.goto(site.url);
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
        i % 5 === 4 ? network.connectionCount === seen : seen === 0 && network.connectionCount === 0
      )
        await new Promise((resolve) => setTimeout(resolve, 5));
      await (await writer.submit({ records: [{ headers: [], body: Buffer.from(`b${i}`) }] })).ack();
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
});
