// Where people look from: a slow line, a tab in the background, two tabs, a clock that is wrong. What is shown
// stays whole and true. S2KIT_STUDIO_SECONDS makes the time in the background longer.

import { AppendInput, AppendRecord, type S2, type S2Stream } from "@s2kit/client";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { hasBrowser, openPage, openStudio, picturesSent, shownNumbers } from "./harness/browser.js";
import { ROOT, startServer } from "./harness/server.js";
import { startSlowLine } from "./harness/slow-proxy.js";
import { openTabs } from "./harness/tabs.js";

const AT = "#/basins/looked-at/streams/watched";
const SECONDS = Number(process.env.S2KIT_STUDIO_SECONDS ?? 6);
const HOUR_MS = 3_600_000;

describe.runIf(hasBrowser)("looked at (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("over a slow line it says that it loads, then follows to the tail, in order", async () => {
    const { url, s2 } = await startServer();
    const stream = await streamOf(s2);
    await append(stream, 0, 1000);
    const slow = await startSlowLine(url, { latencyMs: 100, bytesPerSecond: 60_000 });
    const { page, complaints } = await openStudio(slow, AT);
    await page.getByText("Loading records…").waitFor();
    await page.getByText("record 999", { exact: true }).waitFor();
    for (let from = 1000; from < 2800; from += 600) await append(stream, from, 600);
    await page.getByText("record 2799", { exact: true }).waitFor();
    await page.locator(".badge.good", { hasText: "live" }).waitFor();
    const numbers = await shownNumbers(page);
    expect(numbers).toEqual(runUpTo(2799, numbers.length));
    await page.getByText("2,000 loaded").waitFor();
    expect(complaints).toEqual([]);
  }, 60_000);

  it("in the background it is sent nothing and asks nothing, and has everything when it is looked at again", async () => {
    const { url, s2 } = await startServer();
    const stream = await streamOf(s2);
    await append(stream, 0, 100);
    const tabs = await openTabs();
    const { page, complaints } = await openPage(tabs, url, AT);
    await page.getByText("record 99", { exact: true }).waitFor();
    const other = await tabs.newPage();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe("hidden");
    const asked = requestsSince(page);
    const before = await picturesSent(page);
    let written = 100;
    for (let i = 0; i < SECONDS * 5; i++) {
      await append(stream, written, 200);
      written += 200;
      await page.waitForTimeout(200);
    }
    // What was on its way when it was hidden may still come; what waits to be drawn is the last that is sent.
    const sent = (await picturesSent(page)) - before;
    expect(sent).toBeLessThanOrEqual(2);
    expect(asked().length).toBeLessThanOrEqual(2);
    const returned = performance.now();
    await other.close();
    await page.bringToFront();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe("visible");
    await page.getByText(`record ${written - 1}`, { exact: true }).waitFor();
    console.log(
      `${SECONDS} s in the background, ${written - 100} records: ${sent} pictures and ${asked().length} requests meanwhile, the newest record ${Math.round(performance.now() - returned)} ms after the return`,
    );
    await page.getByText(`${Math.min(written, 10_000).toLocaleString("en-US")} loaded`).waitFor();
    const numbers = await shownNumbers(page);
    expect(numbers).toEqual(runUpTo(written - 1, numbers.length));
    expect(complaints).toEqual([]);
  }, 180_000);

  it("in two tabs both follow, and each has a token of its own", async () => {
    const { url, s2 } = await startServer({ rootToken: ROOT });
    const stream = await streamOf(s2);
    await append(stream, 0, 3);
    const scope = {
      basins: { prefix: "" },
      streams: { prefix: "" },
      opGroups: { stream: { read: true } },
    };
    const { accessToken } = await s2.accessTokens.issue({ id: "watcher", scope });
    const { page: first } = await openStudio(url, AT);
    await enterToken(first, ROOT);
    await first.getByText("record 2", { exact: true }).waitFor();
    const { page: second } = await openPage(first.context(), url, AT);
    // The first tab's token is not here.
    await enterToken(second, accessToken);
    await second.getByText("record 2", { exact: true }).waitFor();
    await append(stream, 3, 1);
    for (const page of [first, second]) await page.getByText("record 3", { exact: true }).waitFor();
    await s2.accessTokens.revoke({ id: "watcher" });
    await second.getByRole("dialog", { name: "Access token" }).waitFor();
    await append(stream, 4, 1);
    await first.getByText("record 4", { exact: true }).waitFor();
    expect(await first.getByRole("dialog").count()).toBe(0);
  }, 60_000);

  it.each([
    ["ahead", 2.5 * HOUR_MS],
    ["behind", -2.5 * HOUR_MS],
  ])(
    "by a browser whose clock is hours %s it tells times by the server's, and says so",
    async (words, skewMs) => {
      const { url, s2 } = await startServer();
      await append(await streamOf(s2), 0, 5);
      const { page, complaints } = await openStudio(url, "#/", { skewMs });
      await page.getByText(`2 h ${words}`).waitFor();
      await page.evaluate(() => {
        location.hash = "#/basins/looked-at?view=flat";
      });
      const row = page.getByRole("row", { name: /watched/ });
      await row
        .getByText(/^(just now|\d+ s ago|1 min ago)$/)
        .first()
        .waitFor();
      await page.evaluate((hash) => {
        location.hash = hash;
      }, AT);
      await page.getByLabel("From").selectOption("time");
      await page.getByLabel("Time or how long ago").fill("1 h ago");
      await page.getByLabel("Time or how long ago").press("Enter");
      await page.getByText("record 4", { exact: true }).waitFor();
      expect(await shownNumbers(page)).toEqual([0, 1, 2, 3, 4]);
      const from = /from=time%3A(\d+)/.exec(page.url())?.[1];
      expect(Math.abs(Number(from) + HOUR_MS - Date.now())).toBeLessThan(60_000);
      expect(complaints).toEqual([]);
    },
    60_000,
  );
});

async function streamOf(s2: S2): Promise<S2Stream> {
  await s2.basins.create({ basin: "looked-at" });
  await s2.basin("looked-at").streams.create({ stream: "watched" });
  return s2.basin("looked-at").stream("watched");
}

async function append(stream: S2Stream, from: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) =>
    AppendRecord.string({ body: `record ${from + i}` }),
  );
  await stream.append(AppendInput.create(records));
}

async function enterToken(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Use it" }).click();
}

/** What the page asked the server for since now: how it is, tails, pages of a list. */
function requestsSince(page: Page): () => readonly string[] {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  return () => asked;
}

function runUpTo(last: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => last - count + 1 + i);
}
