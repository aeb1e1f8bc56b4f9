// A graceful stop, seen from its clients: nothing that was accepted is lost, nobody is cut off
// without a word, and the end comes within the grace period.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryStorage, type MemoryStorage } from "../src/storage/memory/memory.js";
import { ackOf, inputFrame, openS2s, type S2sExchange } from "./support/s2s-client.js";
import { call, startServer, type TestServer } from "./support/test-server.js";

const basin = "draining-basin";

describe.each(["h1", "h2"] as const)("draining over %s", (version) => {
  let storage: MemoryStorage;
  let running: TestServer;
  beforeEach(async () => {
    storage = createMemoryStorage();
    running = await startServer({ drainGraceMs: 1000 }, { storage });
    await call(running.url, "PUT", `/v1/basins/${basin}`);
    await call(running.url, "PUT", "/v1/streams/s", { basin });
  });
  afterEach(() => running.server.close());
  const open = (method: "GET" | "POST"): Promise<S2sExchange> =>
    openS2s(running.url, version, { method, path: "/v1/streams/s/records", basin });

  test("an append session gets its acks with the advice, then the terminal frame", async () => {
    const session = await open("POST");
    storage.holdDurability();
    session.send(inputFrame(["accepted"]));
    await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
    const drained = running.server.drain();
    storage.releaseDurability();
    const [ack, terminal, ...others] = await session.rest();
    expect(ack).toMatchObject({ kind: "message", advised: true });
    expect(ackOf(ack).end.seqNum).toBe(1);
    expect(terminal).toMatchObject({
      kind: "terminal",
      status: 503,
      json: { code: "server_draining" },
    });
    expect(others).toEqual([]);
    await drained;
  });

  test("an append session that takes the advice ends cleanly, and the stop with it", async () => {
    const session = await open("POST");
    const drained = running.server.drain();
    session.send(inputFrame(["last"]));
    expect(ackOf(await session.next()).end.seqNum).toBe(1);
    session.half();
    expect(await session.rest()).toEqual([]);
    await drained;
    expect(storage.streamState(1)?.tail.seqNum).toBe(1);
  });

  test("a read session is advised, and ends with server_draining when it stays", async () => {
    const session = await open("GET");
    expect(await session.next()).toMatchObject({ kind: "message", advised: false });
    const closed = running.server.close();
    expect(await session.next()).toMatchObject({ kind: "message", advised: true });
    expect(await session.rest()).toMatchObject([
      { kind: "terminal", status: 503, json: { code: "server_draining" } },
    ]);
    await closed;
  });

  test("requests on open connections are refused with server_draining, health says so", async () => {
    const session = await open("GET");
    await session.next();
    // The port takes no more connections, so this one is opened before.
    const early = await open("POST");
    const drained = running.server.drain();
    await expect
      .poll(async () => (await running.server.fetch(new Request("http://s2/health"))).status)
      .toBe(503);
    const refused = await running.server.fetch(new Request("http://s2/v1/basins"));
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { code: "server_draining" },
    ]);
    await expect(fetch(`${running.url}/v1/basins`)).rejects.toThrow();
    early.half();
    await drained;
  });
});

test("unary appends that were accepted are answered, and long polls end early", async () => {
  const storage = createMemoryStorage();
  const { server, url } = await startServer({ drainGraceMs: 2000 }, { storage });
  await call(url, "PUT", `/v1/basins/${basin}`);
  for (const stream of ["s", "t"]) await call(url, "PUT", `/v1/streams/${stream}`, { basin });
  const poll = call(url, "GET", "/v1/streams/t/records?seq_num=0&wait=60", { basin });
  await expect
    .poll(async () => (await call(url, "GET", "/metrics")).text)
    .toMatch(/^s2kit_followers 1$/m);
  storage.holdDurability();
  const append = call(url, "POST", "/v1/streams/s/records", {
    basin,
    json: { records: [{ body: "x" }] },
  });
  await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
  const closed = server.close();
  const polled = await poll;
  expect([polled.status, polled.json]).toEqual([200, { records: [] }]);
  storage.releaseDurability();
  expect((await append).json.end.seq_num).toBe(1);
  await closed;
  expect(server.status).toBe("closed");
});
