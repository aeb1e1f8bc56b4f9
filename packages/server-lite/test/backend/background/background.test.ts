// Background work with a simulated clock: retention, delete-on-empty, purging, dormancy.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emptySince, isOverdue } from "../../../src/backend/background/delete-on-empty.js";
import { createServer, type S2Server } from "../../../src/index.js";
import { createMemoryStorage, type MemoryStorage } from "../../../src/storage/memory/memory.js";

const basin = "background-basin";
const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

let clock: SimulatedClock;
let storage: MemoryStorage;
let server: S2Server;
beforeEach(async () => {
  clock = createSimulatedClock(START_MS);
  storage = createMemoryStorage();
  server = createServer({}, { clock, storage, random: seededRandom(7) });
  await api("PUT", `/v1/basins/${basin}`);
});
afterEach(async () => {
  const closed = server.close();
  await clock.advanceAsync(60_000);
  await closed;
});

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into whatever came
  readonly json: any;
}
async function api(method: string, path: string, json?: unknown): Promise<Answer> {
  const response = await server.fetch(
    new Request(`http://s2${path}`, {
      method,
      headers: {
        "s2-basin": basin,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
}
const append = (stream: string, ...bodies: string[]): Promise<Answer> =>
  api("POST", `/v1/streams/${stream}/records`, { records: bodies.map((body) => ({ body })) });
const bodiesOf = async (stream: string): Promise<string[]> =>
  (await api("GET", `/v1/streams/${stream}/records?seq_num=0`)).json.records.map(
    (r: { body: string }) => r.body,
  );
const trimAll = (stream: string): Promise<Answer> =>
  api("POST", `/v1/streams/${stream}/records`, {
    records: [
      { headers: [["", "trim"]], body: "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u007f" },
    ],
  });

describe("retention", () => {
  test("trims what is older than the age, and neither the tail nor what is younger", async () => {
    await api("PUT", "/v1/streams/s", { retention_policy: { age: 600 } });
    await append("s", "a", "b");
    await clock.advanceAsync(5 * MINUTE_MS);
    await append("s", "c");
    expect(await bodiesOf("s")).toEqual(["a", "b", "c"]);
    await clock.advanceAsync(7 * MINUTE_MS);
    expect(await bodiesOf("s")).toEqual(["c"]);
    await clock.advanceAsync(7 * MINUTE_MS);
    expect(await bodiesOf("s")).toEqual([]);
    expect((await api("GET", "/v1/streams/s/records/tail")).json.tail.seq_num).toBe(3);
    expect((await append("s", "d")).json.start.seq_num).toBe(3);
  });

  test("infinite retention keeps, and a shorter policy reaches existing records", async () => {
    await api("PUT", "/v1/streams/s", { retention_policy: { infinite: {} } });
    await append("s", "a");
    await clock.advanceAsync(100 * MINUTE_MS);
    expect(await bodiesOf("s")).toEqual(["a"]);
    await api("PATCH", "/v1/streams/s", { retention_policy: { age: 60 } });
    await clock.advanceAsync(2 * MINUTE_MS);
    expect(await bodiesOf("s")).toEqual([]);
  });
});

describe("delete on empty", () => {
  const config = { delete_on_empty: { min_age_secs: 300 } };
  const statusOf = async (stream: string): Promise<number> =>
    (await api("GET", `/v1/streams/${stream}`)).status;

  test("deletes a stream that stayed empty for its age, never earlier", async () => {
    await api("PUT", "/v1/streams/s", config);
    await clock.advanceAsync(4 * MINUTE_MS);
    expect(await statusOf("s")).toBe(200);
    await clock.advanceAsync(4 * MINUTE_MS);
    expect(await statusOf("s")).toBe(404);
  });

  test("counts from when a trim emptied it; records and other streams stay", async () => {
    await api("PUT", "/v1/streams/s", config);
    await api("PUT", "/v1/streams/full", config);
    await api("PUT", "/v1/streams/plain");
    await append("s", "x");
    await append("full", "x");
    await clock.advanceAsync(20 * MINUTE_MS);
    expect(await statusOf("s")).toBe(200);
    await trimAll("s");
    await clock.advanceAsync(4 * MINUTE_MS);
    expect(await statusOf("s")).toBe(200);
    await clock.advanceAsync(5 * MINUTE_MS);
    expect(await Promise.all(["s", "full", "plain"].map(statusOf))).toEqual([404, 200, 200]);
  });

  test("an append in time starts the count again", async () => {
    await api("PUT", "/v1/streams/s", config);
    await append("s", "x");
    await trimAll("s");
    await clock.advanceAsync(4 * MINUTE_MS);
    await append("s", "y");
    await trimAll("s");
    await clock.advanceAsync(4 * MINUTE_MS);
    expect(await statusOf("s")).toBe(200);
  });

  test("the decision is pure", () => {
    const state = {
      tail: { seqNum: 5, timestamp: 0 },
      trimPoint: 5,
      fencingToken: "",
      lastWriteMs: 0,
    };
    expect(emptySince({ ...state, trimPoint: 4 }, undefined)).toBeUndefined();
    expect(emptySince({ ...state, lastWriteMs: 7 }, undefined)).toBe(7);
    expect(emptySince({ ...state, lastWriteMs: 7 }, { sinceMs: 50, tailSeqNum: 4 })).toBe(7);
    expect(emptySince({ ...state, lastWriteMs: 7 }, { sinceMs: 50, tailSeqNum: 5 })).toBe(50);
    expect(isOverdue(50, 10, 10_049)).toBe(false);
    expect(isOverdue(50, 10, 10_050)).toBe(true);
    expect(isOverdue(50, 0, 99_999)).toBe(false);
    expect(isOverdue(undefined, 10, 99_999)).toBe(false);
  });
});

describe("deletion", () => {
  test("purges a basin with all its streams, and what was marked before a restart", async () => {
    for (const stream of ["a", "b", "c"]) {
      await api("PUT", `/v1/streams/${stream}`);
      await append(stream, "x");
    }
    expect((await api("DELETE", `/v1/basins/${basin}`)).status).toBe(202);
    // Each step of the work waits until the one before is durable, which takes a turn of the loop.
    for (let step = 0; step < 20; step++) {
      await clock.advanceAsync(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await api("GET", `/v1/basins/${basin}`)).status).toBe(404);
    expect(storage.scanMeta({ prefix: Buffer.from("s/"), limit: 10 })).toEqual([]);
    expect([1, 2, 3].map((id) => storage.streamState(id))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("appends on their way to the disk get their acks, though the stream is purged", async () => {
    await api("PUT", "/v1/streams/s");
    storage.holdDurability();
    const pending = append("s", "accepted");
    await clock.advanceAsync(1);
    const deleted = api("DELETE", "/v1/streams/s");
    await clock.advanceAsync(1000);
    expect(storage.streamState(1)).toBeUndefined();
    storage.releaseDurability();
    expect((await pending).status).toBe(200);
    expect((await deleted).status).toBe(202);
  });
});

test("an idle stream is forgotten after a minute, and everything about it is remembered", async () => {
  await api("PUT", "/v1/streams/s");
  await append("s", "a");
  await api("POST", "/v1/streams/s/records", {
    records: [{ headers: [["", "fence"]], body: "t" }],
  });
  await clock.advanceAsync(5 * MINUTE_MS);
  const fenced = await api("POST", "/v1/streams/s/records", { records: [{}], fencing_token: "no" });
  expect(fenced.json).toEqual({ fencing_token_mismatch: "t" });
  expect((await append("s", "b")).json.start.seq_num).toBe(2);
});

test("an append that waits for room for minutes still meets the one writer of its stream", async () => {
  const small = createMemoryStorage();
  const tight = createServer(
    { appendInflightBytes: 1024 * 1024 },
    { clock, storage: small, random: seededRandom(7) },
  );
  const call = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const response = await tight.fetch(
      new Request(`http://s2${path}`, {
        method,
        headers: { "s2-basin": basin, "content-type": "application/json" },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
    );
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const write = (stream: string, body: string): Promise<Answer> =>
    call("POST", `/v1/streams/${stream}/records`, { records: [{ body }] });
  await call("PUT", `/v1/basins/${basin}`, {});
  for (const stream of ["full", "s"]) await call("PUT", `/v1/streams/${stream}`, {});
  small.holdDurability();
  const first = write("full", "x".repeat(1_000_000));
  await clock.advanceAsync(1);
  const waiting = write("s", "y".repeat(100_000));
  // Idle streams are forgotten meanwhile, and touched again.
  await clock.advanceAsync(5 * MINUTE_MS);
  const later = write("s", "z");
  await clock.advanceAsync(1);
  small.releaseDurability();
  expect((await first).status).toBe(200);
  expect([(await waiting).json.start?.seq_num, (await later).json.start?.seq_num]).toEqual([0, 1]);
  const closed = tight.close();
  await clock.advanceAsync(MINUTE_MS);
  await closed;
});
