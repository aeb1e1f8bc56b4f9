// What goes wrong while somebody looks: the server is killed, the token revoked, the stream deleted, the page
// reloaded. The page says what happened, and goes on by itself where it can.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendInput, AppendRecord, type S2, type S2Stream } from "@s2kit/client";
import { afterEach, describe, expect, it } from "vitest";
import { hasBrowser, openStudio, shownNumbers } from "./harness/browser.js";
import { connect, ROOT, startPlainProxy, startProcess, startServer } from "./harness/server.js";

const AT = "#/basins/fault-basin/streams/watched";
const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true });
});

describe.runIf(hasBrowser)("while somebody looks (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  it("a server that is killed and started again is followed on, with nothing left out", async () => {
    const directory = mkdtempSync(join(tmpdir(), "studio-"));
    directories.push(directory);
    const first = await startProcess(directory);
    await append(await streamOf(connect(first.url)), 0, 20);
    const { page } = await openStudio(first.url, AT);
    await page.getByText("record 19", { exact: true }).waitFor();
    await first.kill();
    await page.getByText(/^reconnecting/).waitFor();
    const second = await startProcess(directory, Number(new URL(first.url).port));
    await append(connect(second.url).basin("fault-basin").stream("watched"), 20, 20);
    await page.getByText("record 39", { exact: true }).waitFor();
    await page.getByText(/reconnected once, nothing left out/).waitFor();
    const numbers = await shownNumbers(page);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => (numbers[0] ?? 0) + i));
  }, 60_000);

  it("a revoked token ends the view and asks for another, which goes on", async () => {
    const { url, s2 } = await startServer({ rootToken: ROOT });
    await append(await streamOf(s2), 0, 3);
    const scope = {
      basins: { prefix: "" },
      streams: { prefix: "" },
      opGroups: { stream: { read: true } },
    };
    const { accessToken } = await s2.accessTokens.issue({ id: "watcher", scope });
    const { page } = await openStudio(url, AT);
    await page.getByLabel("Token", { exact: true }).fill(accessToken);
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("record 2", { exact: true }).waitFor();
    await s2.accessTokens.revoke({ id: "watcher" });
    await page.getByRole("dialog", { name: "Access token" }).waitFor();
    await page.getByLabel("Another token").fill(ROOT);
    await page.getByRole("button", { name: "Use it" }).click();
    await append(s2.basin("fault-basin").stream("watched"), 3, 1);
    await page.getByText("record 3", { exact: true }).waitFor();
  }, 60_000);

  it("a token stays out of the address and of every storage, unless it is to be kept until the tab closes", async () => {
    const { url, s2 } = await startServer({ rootToken: ROOT });
    await append(await streamOf(s2), 0, 1);
    const { page } = await openStudio(url, AT);
    const use = async (): Promise<void> => {
      await page.getByLabel("Token", { exact: true }).fill(ROOT);
      await page.getByRole("button", { name: "Use it" }).click();
      await page.getByText("record 0", { exact: true }).waitFor();
    };
    const stored = () =>
      page.evaluate(() => [
        location.href,
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
      ]);
    await use();
    expect((await stored()).join()).not.toContain(ROOT);
    await page.reload();
    await page.getByLabel(/^Keep it until/).check();
    await use();
    const [address, local, session] = await stored();
    expect(`${address}${local}`).not.toContain(ROOT);
    expect(session).toContain(ROOT);
    await page.reload();
    await page.getByText("record 0", { exact: true }).waitFor();
  }, 60_000);

  it("names the operation that a token lacks", async () => {
    const { url, s2 } = await startServer({ rootToken: ROOT });
    await streamOf(s2);
    const scope = {
      basins: { prefix: "" },
      streams: { prefix: "" },
      ops: ["list-streams" as const],
    };
    const { accessToken } = await s2.accessTokens.issue({ id: "lister", scope });
    const { page } = await openStudio(url, AT);
    await page.getByLabel("Token", { exact: true }).fill(accessToken);
    await page.getByRole("button", { name: "Use it" }).click();
    await page.getByText("The token may not do this: check-tail").waitFor();
  });

  it("a deleted stream ends the view and says so", async () => {
    const { url, s2 } = await startServer();
    await append(await streamOf(s2), 0, 1);
    const { page } = await openStudio(url, AT);
    await page.getByText("record 0", { exact: true }).waitFor();
    await s2.basin("fault-basin").streams.delete({ stream: "watched" });
    await page.getByText(/This stream (is being deleted|does not exist)/).waitFor();
  });

  it("a proxy that lets no WebSocket through is followed through by fetch", async () => {
    const { url, s2 } = await startServer();
    const stream = await streamOf(s2);
    await append(stream, 0, 2);
    const proxied = await startPlainProxy(url);
    const { page } = await openStudio(proxied, AT);
    await page.getByText("record 1", { exact: true }).waitFor();
    await append(stream, 2, 1);
    await page.getByText("record 2", { exact: true }).waitFor();
  }, 60_000);

  it("a reload shows the same stream, place, filter and record", async () => {
    const { url, s2 } = await startServer();
    await append(await streamOf(s2), 0, 50);
    const { page } = await openStudio(url, `${AT}?from=seq:10&filter=record+4&record=42`);
    const state = async (): Promise<unknown> => {
      await page.getByRole("complementary", { name: "Record 42" }).getByText("record 42").waitFor();
      await page.getByText("10 of 40 loaded match").waitFor();
      return [await page.getByLabel("Sequence number").inputValue(), await shownNumbers(page)];
    };
    const before = await state();
    await page.reload();
    expect(await state()).toEqual(before);
    expect(before).toEqual(["10", Array.from({ length: 10 }, (_, i) => 40 + i)]);
  });
});

async function streamOf(s2: S2): Promise<S2Stream> {
  await s2.basins.create({ basin: "fault-basin" });
  await s2.basin("fault-basin").streams.create({ stream: "watched" });
  return s2.basin("fault-basin").stream("watched");
}

async function append(stream: S2Stream, from: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) =>
    AppendRecord.string({ body: `record ${from + i}` }),
  );
  await stream.append(AppendInput.create(records));
}
