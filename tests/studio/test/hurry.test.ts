// Places that follow one another faster than they are drawn: the last one counts, and what those
// before it had opened does not take its records away when it goes.

import { AppendInput, AppendRecord } from "@s2kit/client";
import { describe, expect, it } from "vitest";
import { hasBrowser, openStudio } from "./harness/browser.js";
import { startServer } from "./harness/server.js";

const STREAMS = ["first", "second"] as const;
const ROUNDS = 40;

describe.runIf(hasBrowser)("in a hurry (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("shows the stream that was asked for last, whatever went before", async () => {
    const { url, s2 } = await startServer();
    await s2.basins.create({ basin: "hurried-basin" });
    for (const name of STREAMS) {
      await s2.basin("hurried-basin").streams.create({ stream: name });
      const record = AppendRecord.string({ body: `only in ${name}` });
      await s2
        .basin("hurried-basin")
        .stream(name)
        .append(AppendInput.create([record]));
    }
    const { page, complaints } = await openStudio(url, "#/basins/hurried-basin/streams/first");
    await page.getByText("only in first").waitFor();
    const devtools = await page.context().newCDPSession(page);
    // As on a machine that has other things to do.
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 6 });
    for (let round = 1; round <= ROUNDS; round++) {
      const name = STREAMS[round % STREAMS.length];
      // Up to the list of streams, and on before it is drawn.
      await page.keyboard.press("Escape");
      await page.evaluate((to) => {
        location.hash = to;
      }, `#/basins/hurried-basin/streams/${name}`);
      await page.getByText(`only in ${name}`).waitFor({ timeout: 10_000 });
    }
    expect(complaints).toEqual([]);
  }, 120_000);
});
