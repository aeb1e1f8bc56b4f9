// A server in memory that is killed and started again begins anew: what was shown is not there any more. The
// page says so, and follows what is there now.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendInput, AppendRecord, type S2Stream } from "@s2kit/client";
import { afterEach, describe, expect, it } from "vitest";
import { hasBrowser, openStudio, shownNumbers } from "./harness/browser.js";
import { connect, startMemoryProcess } from "./harness/server.js";

const AT = "#/basins/lost-basin/streams/lost";
const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true });
});

describe.runIf(hasBrowser)(
  "a server that forgets (needs Chromium; S2KIT_CHROMIUM names it)",
  () => {
    it("is followed from its new tail, and the page says how far it went back", async () => {
      const initFile = declared();
      const first = await startMemoryProcess(initFile);
      await append(streamAt(first.url), "before", 20);
      const { page } = await openStudio(first.url, AT);
      await page.getByText("before 19", { exact: true }).waitFor();
      await first.kill();
      await page.getByText(/^reconnecting/).waitFor();
      const second = await startMemoryProcess(initFile, portOf(first.url));
      const stream = streamAt(second.url);
      await append(stream, "anew", 5);
      await page.getByText("anew 4", { exact: true }).waitFor();
      await page.getByText(/its tail went from 20 back to [0-5]\b/).waitFor();
      expect(await shownNumbers(page)).toEqual([0, 1, 2, 3, 4]);
      expect(await page.getByText("before 19", { exact: true }).count()).toBe(0);
      // Not "nothing left out": that was not so.
      expect(await page.getByText(/reconnected/).count()).toBe(0);
      await append(stream, "later", 1);
      await page.getByText("later 0", { exact: true }).waitFor();
      expect(await shownNumbers(page)).toEqual([0, 1, 2, 3, 4, 5]);
    }, 60_000);

    it("with nothing in it shows an empty stream, not what was there", async () => {
      const initFile = declared();
      const first = await startMemoryProcess(initFile);
      await append(streamAt(first.url), "before", 3);
      const { page } = await openStudio(first.url, AT);
      await page.getByText("before 2", { exact: true }).waitFor();
      await first.kill();
      await startMemoryProcess(initFile, portOf(first.url));
      await page.getByText("its tail went from 3 back to 0").waitFor();
      await page.getByText("This stream is empty").waitFor();
    }, 60_000);

    it("without the stream ends the view and says why that may be", async () => {
      const first = await startMemoryProcess(declared());
      await append(streamAt(first.url), "before", 3);
      const { page } = await openStudio(first.url, AT);
      await page.getByText("before 2", { exact: true }).waitFor();
      await first.kill();
      await startMemoryProcess(undefined, portOf(first.url));
      await page.getByText("This basin does not exist").waitFor();
      await page.getByText(/or the server was started anew/).waitFor();
    }, 60_000);
  },
);

/** A file that declares the stream, so that it is there after each start. */
function declared(): string {
  const directory = mkdtempSync(join(tmpdir(), "studio-"));
  directories.push(directory);
  const file = join(directory, "resources.json");
  const spec = { basins: [{ name: "lost-basin", streams: [{ name: "lost" }] }] };
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function streamAt(url: string): S2Stream {
  return connect(url).basin("lost-basin").stream("lost");
}

async function append(stream: S2Stream, word: string, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) =>
    AppendRecord.string({ body: `${word} ${i}` }),
  );
  await stream.append(AppendInput.create(records));
}
