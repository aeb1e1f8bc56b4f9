// The `EventSource` of a real browser, without a line of ours in the page: a ticket lets it in, it goes on where
// it was when the connection breaks, and it is shut out when the token behind its ticket is revoked.

import { startFaultyNetwork } from "@s2kit/client/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, launch, serveSite } from "./harness/chromium.js";
import { BASIN, closing, connect, startServer } from "./harness/server.js";

const ROOT = "root-token-of-tests";

/** What the page does: opens the URL, and keeps what comes. */
const SCRIPT = `
  globalThis.follow = (url) => {
    const seen = { bodies: [], ids: [], errors: 0, isClosed: false };
    const source = new EventSource(url);
    source.addEventListener("batch", ({ data, lastEventId }) => {
      seen.ids.push(lastEventId);
      for (const { body } of JSON.parse(data).records) seen.bodies.push(body);
    });
    source.onerror = () => {
      seen.errors++;
      seen.isClosed = source.readyState === EventSource.CLOSED;
    };
    globalThis.seen = seen;
  };
`;

interface Seen {
  readonly bodies: readonly string[];
  readonly ids: readonly string[];
  readonly errors: number;
  readonly isClosed: boolean;
}

/** It waits three seconds by itself before it connects again. */
const RECONNECTS = { timeout: 15_000, interval: 50 };

describe.runIf(hasBrowser)("a native EventSource (needs Chromium; S2KIT_CHROMIUM names it)", () => {
  let browser: Browser;
  let page: Page;
  let site: Awaited<ReturnType<typeof serveSite>>;

  beforeAll(async () => {
    site = await serveSite(SCRIPT);
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  async function follow(url: string): Promise<void> {
    page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction("globalThis.follow !== undefined");
    await page.evaluate(`globalThis.follow(${JSON.stringify(url)})`);
  }
  const seen = (): Promise<Seen> => page.evaluate("globalThis.seen");

  it("follows by a ticket over broken connections, until the token behind it is revoked", async () => {
    const { url } = await startServer({ rootToken: ROOT });
    const network = closing(await startFaultyNetwork(url));
    const root = connect(url, { accessToken: ROOT });
    const { accessToken } = await root.accessTokens.issue({
      id: "backend",
      scope: { basins: { exact: BASIN }, streams: { prefix: "" }, ops: ["read"] },
    });
    const backend = connect(network.url, { accessToken });
    const ticket = await backend.basin(BASIN).streams.issueReadTicket({
      stream: "chat/1",
      read: { start: { from: { seqNum: 0 } } },
    });
    expect(ticket.expiresAt.getTime()).toBeGreaterThan(Date.now() + 500_000);
    const stream = root.basin(BASIN).stream("chat/1");
    await stream.append([{ body: "a" }]);

    await follow(ticket.url);
    await expect.poll(async () => (await seen()).bodies, RECONNECTS).toEqual(["a"]);
    await stream.append([{ body: "b" }]);
    await expect.poll(async () => (await seen()).bodies, RECONNECTS).toEqual(["a", "b"]);

    network.cut();
    await stream.append([{ body: "c" }]);
    await expect.poll(async () => (await seen()).bodies, RECONNECTS).toEqual(["a", "b", "c"]);
    expect(await seen()).toMatchObject({
      errors: 1,
      isClosed: false,
      ids: ["0,1,9", "1,2,18", "2,3,27"],
    });

    await root.accessTokens.revoke({ id: "backend" });
    await expect.poll(async () => (await seen()).isClosed, RECONNECTS).toBe(true);
    await stream.append([{ body: "unseen" }]);
    expect((await seen()).bodies).toEqual(["a", "b", "c"]);
  }, 60_000);

  it("goes on with a new ticket behind the last id of the old one", async () => {
    const { url } = await startServer({ rootToken: ROOT });
    const root = connect(url, { accessToken: ROOT });
    const { streams } = root.basin(BASIN);
    const stream = root.basin(BASIN).stream("s");
    await stream.append([{ body: "a" }, { body: "b" }]);
    const asked = { stream: "s", read: { start: { from: { seqNum: 0 } } } } as const;
    const first = await streams.issueReadTicket({ ...asked, expiresInSecs: 2 });
    await follow(first.url);
    await expect.poll(async () => (await seen()).isClosed, RECONNECTS).toBe(true);
    const { ids } = await seen();
    await stream.append([{ body: "c" }]);
    const { url: again } = await streams.issueReadTicket(asked);
    await follow(`${again}&last_event_id=${ids.at(-1)}`);
    await expect.poll(async () => (await seen()).bodies, RECONNECTS).toEqual(["c"]);
  }, 60_000);
});
