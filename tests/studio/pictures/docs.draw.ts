// The pictures of docs/studio.md and the README, drawn from a server that somebody writes to: `pnpm pictures`.
// What is in them differs from run to run; look at them before they go into a change.

import { AppendInput, AppendRecord, type S2, type S2Stream } from "@s2kit/client";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { hasBrowser, openStudio } from "../test/harness/browser.js";
import { startServer } from "../test/harness/server.js";

const IMAGES = new URL("../../../docs/images/", import.meta.url).pathname;
const SIZE = { width: 1280, height: 660 };
/** So long the overview is looked at before it is drawn: its plots need a past. */
const PAST_MS = 40_000;
const TICK_MS = 180;

it("draws a server with nothing on it", async () => {
  expect(hasBrowser, "no Chromium").toBe(true);
  const { url } = await startServer();
  const { page } = await openStudio(url, "", SIZE);
  await page.getByText("Nothing here yet").waitFor();
  await page.getByText("server is well").waitFor();
  await draw(page, "first-steps");
});

it("draws a server that is written to: the overview, records, usage", async () => {
  const { url, s2 } = await startServer();
  const stream = await furnish(s2);
  const stop = keepWriting(stream);
  try {
    const { page } = await openStudio(url, "#/basins/shop-orders/streams/orders%2Feu", SIZE);
    await page.locator(".badge.good").waitFor();
    // Another reader, so that what is read stands apart from what is appended.
    await openStudio(url, "#/basins/shop-orders/streams/orders%2Feu", SIZE);
    const { page: overview } = await openStudio(url, "", SIZE);
    await overview.waitForTimeout(PAST_MS);
    await draw(overview, "overview");

    await page.evaluate(() => {
      location.hash = `${location.hash}?record=58`;
    });
    await page.getByRole("complementary", { name: "Record 58" }).getByText("order:").waitFor();
    await page.waitForTimeout(2000);
    await draw(page, "records");
    await page.setViewportSize({ width: 360, height: 660 });
    await page.evaluate(() => {
      location.hash = location.hash.split("?")[0] ?? "";
    });
    await page.waitForTimeout(2000);
    await draw(page, "narrow");

    const usage = "#/metrics?basin=shop-orders";
    const { page: metrics } = await openStudio(url, usage, { ...SIZE, theme: "dark" });
    await metrics.getByText("Operations on the basin per minute").waitFor();
    await draw(metrics, "metrics");
  } finally {
    await stop();
  }
});

async function draw(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${IMAGES}studio-${name}.png` });
}

async function furnish(s2: S2): Promise<S2Stream> {
  for (const basin of ["sensor-readings", "shop-orders"]) await s2.basins.create({ basin });
  const basin = s2.basin("shop-orders");
  for (const stream of ["orders/eu", "orders/us", "audit/2026"])
    await basin.streams.create({ stream });
  return basin.stream("orders/eu");
}

/** Orders at a rate that differs from moment to moment. */
function keepWriting(stream: S2Stream): () => Promise<void> {
  const items = ["desk", "chair", "rug", "shelf", "mirror", "lamp"];
  const cities = ["Oslo", "Graz", "Lyon", "Porto", "Turku"];
  const stop = new AbortController();
  const written = (async () => {
    for (let order = 4200; !stop.signal.aborted; ) {
      const count = 1 + (Math.round(order / 7) % 3);
      const records = Array.from({ length: count }, () => {
        const [item, city] = [items[order % 6], cities[order % 5]];
        const price = 20 + ((order * 37) % 2000) / 10;
        const body = JSON.stringify({ order: order++, item, city, price });
        return AppendRecord.string({ body, headers: [["kind", "order"]] });
      });
      await stream.append(AppendInput.create(records));
      await new Promise((resolve) => setTimeout(resolve, TICK_MS + ((order * 31) % 120)));
    }
  })();
  return async () => {
    stop.abort();
    await written;
  };
}
