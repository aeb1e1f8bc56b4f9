// Append sessions whose input has to wait: for room in flight, for durability, for their token. Each
// input is settled once, whoever leaves meanwhile.

import { afterEach, describe, expect, test, vi } from "vitest";
import { createMemoryStorage, type MemoryStorage } from "../../src/storage/memory/memory.js";
import { ackOf, inputFrame, openS2s, type S2sExchange } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "append-wait-basin";
const RECORDS = "/v1/streams/s/records";
const SECRET = "root-token-of-the-append-wait-test";
const ROOT = { authorization: `Bearer ${SECRET}` };
const MIB = 1024 * 1024;
const SETTLE = { timeout: 10_000, interval: 5 };

interface Line {
  readonly path: string;
  readonly status: number;
  readonly code?: string;
}

let running: TestServer;
let storage: MemoryStorage;
let lines: Line[];
let unexpected: object[];
afterEach(async () => {
  storage.releaseDurability();
  await running.server.close();
});

/** A store whose durability is in the test's hands, and room for one large append. */
async function start(settings: object = {}): Promise<void> {
  storage = createMemoryStorage();
  lines = [];
  unexpected = [];
  const logger = {
    info: (line: object) => void lines.push(line as Line),
    warn: (line: object) => void lines.push(line as Line),
    error: (line: object) => void unexpected.push(line),
  };
  running = await startServer({ appendInflightBytes: MIB, ...settings }, { storage, logger });
  const headers = "auth" in settings ? ROOT : {};
  for (const path of [`/v1/basins/${basin}`, "/v1/streams/s"])
    expect((await call(running.url, "PUT", path, { basin, headers })).status).toBe(201);
}

const session = (headers: Record<string, string> = {}): Promise<S2sExchange> =>
  openS2s(running.url, "h2", { method: "POST", path: RECORDS, basin, headers });

const large = "x".repeat(700_000);

/** One input in flight, one that waits for its room: the streamer is held for both. */
async function oneInFlightOneWaiting(second: Uint8Array): Promise<S2sExchange> {
  const client = await session();
  storage.holdDurability();
  client.send(inputFrame([large]));
  client.send(second);
  await vi.waitFor(() => expect(running.left()).toMatchObject({ leases: 2 }), SETTLE);
  return client;
}

describe("an input that waits for room", () => {
  test("and is refused then, is settled once", async () => {
    await start();
    const client = await oneInFlightOneWaiting(inputFrame([large], { matchSeqNum: 7 }));
    storage.releaseDurability();
    const [ack, terminal, ...others] = await client.rest();
    expect(ackOf(ack).end.seqNum).toBe(1);
    expect(terminal).toMatchObject({ kind: "terminal", status: 412 });
    expect(others).toEqual([]);
    client.half();
    await vi.waitFor(() => expect(running.left()).toEqual({}), SETTLE);
    expect(unexpected).toEqual([]);
  });

  test("and whose client vanishes, never happened, and leaves nothing but what is in flight", async () => {
    await start();
    const client = await oneInFlightOneWaiting(inputFrame([large]));
    client.reset();
    await vi.waitFor(
      () =>
        expect(running.left()).toEqual({
          "in-flight append bytes": expect.any(Number) as number,
          "replies that wait for durability": 1,
        }),
      SETTLE,
    );
    storage.releaseDurability();
    await vi.waitFor(() => expect(running.left()).toEqual({}), SETTLE);
    const { json } = await call(running.url, "GET", `${RECORDS}/tail`, { basin });
    expect(json.tail.seq_num).toBe(1);
    expect(unexpected).toEqual([]);
  });

  test("as a single append whose client vanishes, gets its log line", async () => {
    await start();
    const holding = await session();
    storage.holdDurability();
    holding.send(inputFrame([large]));
    await vi.waitFor(() => expect(running.left()).toHaveProperty("in-flight append bytes"), SETTLE);
    const caller = new AbortController();
    const body = JSON.stringify({ records: [{ body: large }] });
    const headers = { "content-type": "application/json", "s2-basin": basin };
    const { signal } = caller;
    const append = fetch(running.url + RECORDS, { method: "POST", headers, body, signal });
    const aborted = expect(append).rejects.toThrow("abort");
    await vi.waitFor(() => expect(running.left()).toMatchObject({ leases: 2 }), SETTLE);
    caller.abort();
    await aborted;
    const line = { path: RECORDS, status: 499, code: "client_hangup" };
    await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining(line)), SETTLE);
    storage.releaseDurability();
    holding.half();
    expect(await holding.rest()).toHaveLength(1);
  });
});

test("a session whose token ends while it is being opened, ends with it", async () => {
  await start({ auth: true, rootToken: SECRET });
  const scope = { basins: { exact: basin }, streams: { prefix: "" }, ops: ["append"] };
  const json = { id: "going", scope };
  const issued = await call(running.url, "POST", "/v1/access-tokens", { headers: ROOT, json });
  storage.holdDurability();
  // What is not durable yet holds every answer back, that of the session too.
  const making = call(running.url, "PUT", "/v1/streams/other", { headers: ROOT, basin });
  await vi.waitFor(() => expect(running.left()).toMatchObject({ exchanges: 1 }), SETTLE);
  const opening = session({ authorization: `Bearer ${issued.json.access_token}` });
  await vi.waitFor(() => expect(running.left()).toMatchObject({ leases: 1 }), SETTLE);
  const revoking = call(running.url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
  await vi.waitFor(() => expect(running.left()).toMatchObject({ exchanges: 3 }), SETTLE);
  storage.releaseDurability();
  const client = await opening;
  expect(await client.rest()).toMatchObject([
    { kind: "terminal", status: 401, json: { code: "authn" } },
  ]);
  client.half();
  await Promise.all([making, revoking]);
  await vi.waitFor(() => expect(running.left()).toEqual({}), SETTLE);
});
