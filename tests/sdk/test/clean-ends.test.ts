// Proxies that end answers as politely as servers do: for want of traffic, or because the server behind
// them died. No record may be missed and no read may end before its time, over any carrier and in
// either format.

import { AppendRecord, type ReadInput, type ReadSession } from "@s2kit/client";
import { type EndingProxy, type EndingProxyOptions, startEndingProxy } from "@s2kit/client/testing";
import { describe, expect, it } from "vitest";
import { BASIN, closing, connect, startServer, type TestServer } from "./harness/server.js";

const CARRIERS = ["s2s", "ws", "fetch"] as const;
const CASES = CARRIERS.flatMap((carrier) =>
  (["string", "bytes"] as const).map((format) => [carrier, format] as const),
);

async function behindProxy(
  options: EndingProxyOptions = {},
): Promise<TestServer & { proxy: EndingProxy }> {
  const server = await startServer();
  const proxy = closing(await startEndingProxy(server.url, options));
  return { ...server, proxy };
}

async function fill(url: string, count: number, body = "x"): Promise<void> {
  const record = AppendRecord.string({ body });
  await connect(url)
    .basin(BASIN)
    .stream("s")
    .append({ records: Array.from({ length: count }, () => record) });
}

async function seqNumsOf(session: ReadSession<"bytes" | "string">): Promise<number[]> {
  const seqNums: number[] = [];
  for await (const { seqNum } of session) seqNums.push(seqNum);
  return seqNums;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(CASES)("a read over %s as %s", (transport, as) => {
  it("that follows goes on when a proxy ends it, idle or not", async () => {
    const { url, proxy } = await behindProxy({ idleMillis: 150 });
    await fill(url, 3);
    const session = await connect(proxy.url, { transport })
      .basin(BASIN)
      .stream("s")
      .readSession({ start: { from: { seqNum: 0 } } }, { as, retryPolicy: "indefinite" });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seqNum } of session) {
        seen.push(seqNum);
        if (seqNum === 8) break;
      }
    })();
    await expect.poll(() => proxy.endedCount).toBeGreaterThan(1);
    await fill(url, 3);
    await expect.poll(() => seen.length).toBe(6);
    proxy.endAll();
    await fill(url, 3);
    await reading;
    expect(seen).toEqual(upTo(9));
  });

  it("ends as it should when the server ends it", async () => {
    const { url, proxy } = await behindProxy();
    await fill(url, 5);
    const handle = connect(proxy.url, { transport }).basin(BASIN).stream("s");
    const start = { from: { seqNum: 0 } };
    const ends: readonly (readonly [ReadInput, number])[] = [
      [{ start, stop: { waitSecs: 0 } }, 5],
      [{ start, stop: { limits: { count: 3 } } }, 3],
      [{ start, stop: { limits: { count: 5 } } }, 5],
      [{ start, stop: { limits: { count: 9 } } }, 5],
      // Each record takes 9 metered bytes: the third does not fit, and nothing says so.
      [{ start, stop: { limits: { bytes: 20 } } }, 2],
      [{ start, stop: { limits: { bytes: 20 }, waitSecs: 60 } }, 2],
      [{ start, stop: { untilTimestamp: Date.now() + 60_000 } }, 5],
      [{ start, stop: { untilTimestamp: 1 } }, 0],
      [{ start, stop: { waitSecs: 1 } }, 5],
    ];
    for (const [input, count] of ends)
      expect([input, await seqNumsOf(await handle.readSession(input, { as }))]).toEqual([
        input,
        upTo(count),
      ]);
    expect(await seqNumsOf(await handle.readToTail({}, { as }))).toEqual(upTo(5));
    expect(proxy.endedCount).toBe(0);
  });
});

describe.each(CARRIERS)("over %s", (transport) => {
  it("a wait that is not over goes on behind a proxy that ends it, and is over in time", async () => {
    const { url, proxy } = await behindProxy({ idleMillis: 300 });
    await fill(url, 1);
    const startedAt = performance.now();
    const session = await connect(proxy.url, { transport })
      .basin(BASIN)
      .stream("s")
      .readSession({ start: { from: { seqNum: 0 } }, stop: { waitSecs: 2 } });
    expect(await seqNumsOf(session)).toEqual([0]);
    const elapsed = performance.now() - startedAt;
    expect(proxy.endedCount).toBeGreaterThan(1);
    expect(elapsed).toBeGreaterThan(900);
    expect(elapsed).toBeLessThan(6000);
  });

  it("a backend that dies under an answer is a lost connection, and its successor goes on", async () => {
    const { url, proxy } = await behindProxy();
    await fill(url, 2);
    const session = await connect(proxy.url, { transport, retry: { maxAttempts: 100 } })
      .basin(BASIN)
      .stream("s")
      .readSession({
        start: { from: { seqNum: 0 } },
        stop: { limits: { count: 4 }, waitSecs: 60 },
      });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seqNum } of session) seen.push(seqNum);
    })();
    await expect.poll(() => seen.length).toBe(2);
    // Nobody listens there: every request is answered with 502 until the successor is up.
    proxy.retarget("http://127.0.0.1:9");
    proxy.endAll();
    await fill(url, 2);
    proxy.retarget(url);
    await reading;
    expect(seen).toEqual(upTo(4));
  });
});
