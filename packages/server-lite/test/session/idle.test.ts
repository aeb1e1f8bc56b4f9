// Sessions that do nothing for long, and sessions that come and go: what stays, what is freed.

import { createSimulatedClock } from "@s2kit/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ackOf, batchOf, inputFrame, openS2s, type S2sExchange } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "idle-session-basin";
const MINUTE_MS = 60_000;

describe.each(["h1", "h2"] as const)("idle sessions over %s", (version) => {
  const clock = createSimulatedClock(1_700_000_000_000);
  let running: TestServer;
  beforeAll(async () => {
    running = await startServer({}, { clock });
    await call(running.url, "PUT", `/v1/basins/${basin}`);
    await call(running.url, "PUT", "/v1/streams/s", { basin });
  });
  afterAll(async () => {
    const closed = running.server.close();
    await clock.advanceAsync(MINUTE_MS);
    await closed;
  });
  const open = (method: "GET" | "POST"): Promise<S2sExchange> =>
    openS2s(running.url, version, { method, path: "/v1/streams/s/records", basin });

  test("an append session outlives minutes of silence (42)", async () => {
    const session = await open("POST");
    session.send(inputFrame(["before"]));
    expect(ackOf(await session.next()).end.seqNum).toBe(1);
    for (let i = 0; i < 5; i++) await clock.advanceAsync(MINUTE_MS);
    session.send(inputFrame(["after"]));
    expect(ackOf(await session.next()).end.seqNum).toBe(2);
    session.half();
    expect(await session.rest()).toEqual([]);
  });

  test("a following read gets a heartbeat at least every 15 s, and the record after it (42)", async () => {
    const session = await open("GET");
    expect(batchOf(await session.next()).tail?.seqNum).toBe(2);
    for (let i = 0; i < 8; i++) {
      const heartbeat = session.next();
      await clock.advanceAsync(15_000);
      expect(batchOf(await heartbeat)).toMatchObject({ records: [], tail: { seqNum: 2 } });
    }
    await call(running.url, "POST", "/v1/streams/s/records", {
      basin,
      json: { records: [{ body: "x" }] },
    });
    // More heartbeats may have come in the same 15 s.
    let live = batchOf(await session.next());
    while (live.records.length === 0) live = batchOf(await session.next());
    expect(live.records[0]?.seqNum).toBe(2);
    session.reset();
  });

  test("readers that reset are freed at once, a hundred of them (45)", async () => {
    const gauge = async (): Promise<string | undefined> =>
      /^s2kit_followers (\d+)$/m.exec((await call(running.url, "GET", "/metrics")).text)?.[1];
    const sessions = await Promise.all(Array.from({ length: 100 }, () => open("GET")));
    await Promise.all(sessions.map((session) => session.next()));
    expect(Number(await gauge())).toBeGreaterThanOrEqual(100);
    for (const session of sessions) session.reset();
    await expect.poll(gauge).toBe("0");
  });
});
