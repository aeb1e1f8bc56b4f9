// Following: at a thousand records a second the page is calm, at fifty thousand it samples and says so, and
// through all of it nothing is twice, nothing out of order, and the last record is the last record. Of tasks
// what they compute is asserted, and told how long they took by the clock, which is the machine's too.
// S2KIT_STUDIO_SECONDS makes it longer.

import { AppendInput, AppendRecord, type S2Stream } from "@s2kit/client";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { domNodes, hasBrowser, openStudio, shownNumbers } from "./harness/browser.js";
import { type Started, startServer } from "./harness/server.js";
import { longestCpuMs, recordTasks, taskWords } from "./harness/tasks.js";

const SECONDS = Number(process.env.S2KIT_STUDIO_SECONDS ?? 6);
const AT = "#/basins/flood-basin/streams/flood";
/** Longer tasks are felt. */
const LONG_MS = 50;
/** Longer ones are a page that stands still. */
const FREEZE_MS = 200;

describe.runIf(hasBrowser)("following (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("is calm at 1000 records a second: few nodes, rows in order, up to the last one", async () => {
    const { stream, url } = await start();
    const { page, complaints } = await openStudio(url, AT);
    await page.getByText("This stream is empty").waitFor();
    const seen = watchRows(page);
    const early = await write(stream, { perSecond: 1000, batch: 50, seconds: SECONDS / 3 });
    await expectTail(page, early);
    const before = await heapMiB(page);
    const recorded = await recordTasks(page);
    const late = await write(stream, { perSecond: 1000, batch: 50, seconds: (SECONDS * 2) / 3 });
    const written = early + late;
    await expectTail(page, written);
    const tasks = await recorded(LONG_MS);
    const after = await heapMiB(page);
    const { pictures, faults } = await seen();
    console.log(
      `1000/s for ${SECONDS} s: ${pictures} pictures, ${await domNodes(page)} nodes, heap of the page ${before.toFixed(1)} then ${after.toFixed(1)} MiB; tasks over ${LONG_MS} ms by the clock, computing in brackets: ${taskWords(tasks, "main")}; ${taskWords(tasks, "worker")}`,
    );
    expect(faults).toEqual([]);
    // By the clock a task waits for its turn as well: that is the machine's.
    expect(longestCpuMs(tasks, "main")).toBeLessThanOrEqual(LONG_MS);
    expect(after - before).toBeLessThan(8);
    expect(await domNodes(page)).toBeLessThan(2000);
    expect((await shownNumbers(page)).at(-1)).toBe(written - 1);
    expect(complaints).toEqual([]);
  }, 120_000);

  it("samples a flood, says so, and still answers", async () => {
    const { stream, url } = await start();
    const { page } = await openStudio(url, AT);
    await page.getByText("This stream is empty").waitFor();
    const seen = watchRows(page);
    const recorded = await recordTasks(page);
    const sampled = page.getByText(/showing 1 of \d+/).waitFor();
    const writing = write(stream, { perSecond: 50_000, batch: 1000, seconds: 3 });
    await sampled;
    // Still there while it pours.
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    const written = await writing;
    await expectTail(page, written);
    const tasks = await recorded(LONG_MS);
    const { pictures, faults } = await seen();
    console.log(
      `flood of ${written} records: ${pictures} pictures, ${await domNodes(page)} nodes; tasks over ${LONG_MS} ms by the clock, computing in brackets: ${taskWords(tasks, "main")}; ${taskWords(tasks, "worker")}`,
    );
    expect(longestCpuMs(tasks, "main")).toBeLessThanOrEqual(FREEZE_MS);
    expect(faults).toEqual([]);
    expect(await domNodes(page)).toBeLessThan(2000);
  }, 120_000);

  it("pauses with Space, counts what came, keeps the rows in place, and goes to the newest again", async () => {
    const { stream, url } = await start();
    await write(stream, { perSecond: 100_000, batch: 200, seconds: 0.002 });
    const { page } = await openStudio(url, AT);
    await page.locator(".grid .body .row").first().waitFor();
    await page.locator(".badge.good").waitFor();
    await page.keyboard.press(" ");
    await page.getByRole("button", { name: "To the newest" }).waitFor();
    const before = await shownNumbers(page);
    await stream.append(
      AppendInput.create(
        Array.from({ length: 30 }, (_, i) => AppendRecord.string({ body: `late ${i}` })),
      ),
    );
    await page.getByRole("button", { name: "30 new" }).waitFor();
    const middle = before[Math.floor(before.length / 2)] ?? 0;
    expect(await shownNumbers(page)).toContain(middle);
    await page.keyboard.press(" ");
    await page.getByText("late 29").waitFor();
  });
});

async function start(): Promise<Started & { stream: S2Stream }> {
  const started = await startServer();
  await started.s2.basins.create({ basin: "flood-basin" });
  const basin = started.s2.basin("flood-basin");
  await basin.streams.create({ stream: "flood" });
  return { ...started, stream: basin.stream("flood") };
}

/** Writes at a steady rate, as far as the machine can; the number of records. */
async function write(
  stream: S2Stream,
  { perSecond, batch, seconds }: { perSecond: number; batch: number; seconds: number },
): Promise<number> {
  await using session = await stream.appendSession();
  const batches = Math.max(Math.round((perSecond * seconds) / batch), 1);
  const started = performance.now();
  for (let i = 0; i < batches; i++) {
    const records = Array.from({ length: batch }, (_, j) =>
      AppendRecord.string({ body: `record ${i * batch + j} of a flood that nobody can read` }),
    );
    await session.submit(AppendInput.create(records));
    const aheadMs = ((i + 1) * batch * 1000) / perSecond - (performance.now() - started);
    if (aheadMs > 2) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  await session.close();
  return batches * batch;
}

/** What the page still holds. The records are in its worker, which keeps 10 000. */
async function heapMiB(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize / 1024 / 1024;
}

async function expectTail(page: Page, written: number): Promise<void> {
  await page.locator(".status", { hasText: `tail ${written.toLocaleString("en-US")}` }).waitFor();
  await expect
    .poll(async () => (await shownNumbers(page)).at(-1) ?? -1)
    .toBeGreaterThanOrEqual(written - 100);
}

/** Looks at every picture of the list: numbers must rise from row to row. */
function watchRows(page: Page): () => Promise<{ pictures: number; faults: readonly string[] }> {
  const installed = page.evaluate(() => {
    const state = { pictures: 0, faults: [] as string[] };
    (globalThis as unknown as { watched: typeof state }).watched = state;
    const look = (): void => {
      const rows = [...document.querySelectorAll<HTMLElement>(".grid .body .row")]
        .map((row) => ({
          y: Number(/translateY\((-?[\d.]+)px/.exec(row.style.transform)?.[1]),
          text: row.querySelector(".seq")?.textContent,
        }))
        .filter(({ text }) => text !== undefined && text !== null)
        .sort((a, b) => a.y - b.y)
        .map(({ text }) => Number(text?.replaceAll(",", "")));
      state.pictures++;
      const wrong = rows.findIndex((value, i) => i > 0 && value <= (rows[i - 1] ?? 0));
      if (wrong > 0 && state.faults.length < 5)
        state.faults.push(`${rows[wrong - 1]} before ${rows[wrong]}`);
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return async () => {
    await installed;
    return await page.evaluate(
      () => (globalThis as unknown as { watched: { pictures: number; faults: string[] } }).watched,
    );
  };
}
