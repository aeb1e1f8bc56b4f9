// A server over a bucket behind real sockets: what it acknowledged is there for the next one, which
// waits for one that vanished and not for one that gave the store away.

import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../../../src/backend/catalog/placement.js";
import {
  copyStore,
  createServer,
  inspectBucket,
  type S2Server,
  verifyBucket,
} from "../../../../src/index.js";
import { type BucketDouble, KEYS, startDouble } from "../../../support/bucket-double/double.js";

let double: BucketDouble;
beforeEach(async () => {
  double = await startDouble();
  vi.stubEnv("AWS_ACCESS_KEY_ID", KEYS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEYS.secretAccessKey);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await double.close();
});

const serverOn = (node: string): S2Server =>
  createServer({
    storage: { kind: "bucket", bucket: "bucket", endpoint: double.url, node, leaseMs: 2000 },
  });

const ask = (server: S2Server, method: string, path: string, body?: object): Promise<Response> =>
  server.fetch(
    new Request(`http://127.0.0.1/v1${path}`, {
      method,
      headers: { "content-type": "application/json", "s2-basin": "basin-one" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

it("keeps what it acknowledged, and leaves no lease behind", async () => {
  const first = serverOn("a");
  expect((await ask(first, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
  expect((await ask(first, "POST", "/streams", { stream: "s" })).status).toBe(201);
  const append = await ask(first, "POST", "/streams/s/records", { records: [{ body: "kept" }] });
  expect(append.status).toBe(200);
  await first.close();
  expect([...double.objects.keys()].filter((key) => key.startsWith("nodes/"))).toEqual([]);
  const next = serverOn("b");
  const read = await ask(next, "GET", "/streams/s/records?seq_num=0&count=1");
  expect(await read.json()).toMatchObject({ records: [{ body: "kept" }] });
  await next.close();
});

it("takes over from one whose lease ran out, which then answers nothing old", async () => {
  const first = serverOn("a");
  expect((await ask(first, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
  expect((await ask(first, "POST", "/streams", { stream: "s" })).status).toBe(201);
  double.plan = ({ method, key }) =>
    method === "PUT" && key?.startsWith("nodes/a.") === true
      ? { kind: "refused", status: 503, code: "SlowDown" }
      : undefined;
  const second = serverOn("b");
  const records = { records: [{ body: "new" }] };
  expect((await ask(second, "POST", "/streams/s/records", records)).status).toBe(200);
  const health = (path: string): Promise<Response> =>
    first.fetch(new Request(`http://127.0.0.1${path}`));
  expect((await health("/health/live")).status).toBe(200);
  const ready = await health("/health");
  expect([ready.status, await ready.text()]).toEqual([
    503,
    "the lease on the store has lapsed: reads are refused",
  ]);
  const stale = await ask(first, "GET", "/streams/s/records/tail");
  expect(stale.status).toBe(503);
  expect(await stale.json()).toMatchObject({ code: "unavailable" });
  expect((await ask(first, "POST", "/streams/s/records", records)).status).toBe(500);
  const tail = await ask(second, "GET", "/streams/s/records/tail");
  expect(await tail.json()).toMatchObject({ tail: { seq_num: 1 } });
  await Promise.all([first.close(), second.close()]);
});

describe("a store of several shards", () => {
  const storage = (shards: number | undefined, node: string, leaseMs = 8000) =>
    ({
      kind: "bucket",
      bucket: "bucket",
      endpoint: double.url,
      node,
      leaseMs,
      shards,
    }) as const;
  const streams = Array.from({ length: 24 }, (_, at) => `s-${at}`);

  it("is opened as it was made, by whoever names no number or this one", async () => {
    const first = createServer({ storage: storage(8, "a") });
    expect((await ask(first, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
    const records = { records: [{ body: "kept" }] };
    await Promise.all(
      streams.map(async (stream) => {
        expect((await ask(first, "POST", "/streams", { stream })).status).toBe(201);
        expect((await ask(first, "POST", `/streams/${stream}/records`, records)).status).toBe(200);
      }),
    );
    await first.close();
    expect([...double.objects.keys()].filter((key) => key.startsWith("nodes/"))).toEqual([]);
    const used = new Set([...double.objects.keys()].map((key) => /^s\/\d\d\/log/.exec(key)?.[0]));
    expect(used.size).toBeGreaterThanOrEqual(8);
    await expect(createServer({ storage: storage(4, "b") }).open()).rejects.toThrow(
      "another number of shards",
    );
    const next = createServer({ storage: storage(undefined, "b") });
    for (const stream of streams) {
      const read = await ask(next, "GET", `/streams/${stream}/records?seq_num=0&count=1`);
      expect(await read.json()).toMatchObject({ records: [{ body: "kept" }] });
    }
    const page = await (await next.fetch(new Request("http://127.0.0.1/metrics"))).text();
    expect(page).toContain('s2kit_shard_lease_fresh{shard="7"} 1');
    expect(page.match(/^s2kit_bucket_hedges_total /gm)).toHaveLength(1);
    expect(page).toContain("# TYPE s2kit_shard_log_slots_total counter");
    await next.close();
    const place = { bucket: "bucket", endpoint: double.url };
    const inspected = await inspectBucket(place);
    expect(inspected.shards).toBe(8);
    expect(inspected.streams).toBe(24);
    expect(inspected.perShard.map(({ shard }) => shard)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await verifyBucket(place)).toMatchObject({ isSound: true, streams: 24, records: 24 });
  });

  it("brings a shard back that failed alone, once the bucket lets it, and serves the others", async () => {
    const server = createServer({ storage: storage(3, "a") });
    expect((await ask(server, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
    const records = { records: [{ body: "kept" }] };
    const of = new Map<number, string>();
    for (const stream of streams) {
      const shard = shardOf({ basin: "basin-one", stream }, 3);
      if (of.has(shard)) continue;
      of.set(shard, stream);
      expect((await ask(server, "POST", "/streams", { stream })).status).toBe(201);
      expect((await ask(server, "POST", `/streams/${stream}/records`, records)).status).toBe(200);
    }
    const [first, lost, kept] = [0, 1, 2].map((shard) => of.get(shard) as string);
    // Where the next groups of its log would go, somebody else has put things.
    const log = "s/01/log/0000000001/";
    const slots = [...double.objects.keys()].filter((key) => key.startsWith(log)).length;
    const strange = Array.from(
      { length: 20 },
      (_, at) => `${log}${String(slots + at).padStart(12, "0")}`,
    );
    for (const key of strange)
      double.objects.set(key, { bytes: Buffer.alloc(200, 7), etag: '"strange"' });
    expect((await ask(server, "POST", `/streams/${lost}/records`, records)).status).toBe(500);
    expect((await ask(server, "GET", `/streams/${lost}/records/tail`)).status).toBe(503);
    for (const stream of [first, kept])
      expect((await ask(server, "POST", `/streams/${stream}/records`, records)).status).toBe(200);
    const left = (await ask(server, "POST", "/basins", { basin: "basin-two" })).status;
    expect(left).toBe(503);
    for (const key of strange) double.objects.delete(key);
    await vi.waitFor(
      async () => {
        const append = await ask(server, "POST", `/streams/${lost}/records`, records);
        expect(append.status).toBe(200);
      },
      { timeout: 20_000, interval: 200 },
    );
    const read = await ask(server, "GET", `/streams/${lost}/records?seq_num=0&count=9`);
    expect(((await read.json()) as { records: unknown[] }).records).toHaveLength(2);
    // What it missed of the account, it has heard.
    expect((await ask(server, "PUT", "/basins/basin-two")).status).toBe(200);
    await server.close();
    expect([...double.objects.keys()].filter((key) => key.startsWith("nodes/"))).toEqual([]);
    expect(await verifyBucket({ bucket: "bucket", endpoint: double.url })).toMatchObject({
      isSound: true,
    });
  }, 60_000);

  it("changes hands as a whole, and a server that lost it ends", async () => {
    const first = createServer({ storage: storage(3, "a", 2000) });
    expect((await ask(first, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
    for (const stream of streams.slice(0, 6))
      expect((await ask(first, "POST", "/streams", { stream })).status).toBe(201);
    double.plan = ({ method, key }) =>
      method === "PUT" && key?.startsWith("nodes/a.") === true
        ? { kind: "refused", status: 503, code: "SlowDown" }
        : undefined;
    const second = createServer({ storage: storage(3, "b", 2000) });
    const records = { records: [{ body: "new" }] };
    for (const stream of streams.slice(0, 6)) {
      const append = await ask(second, "POST", `/streams/${stream}/records`, records);
      expect(append.status).toBe(200);
      // Nothing old from the one before, whichever of its shards is asked.
      expect((await ask(first, "GET", `/streams/${stream}/records/tail`)).status).toBe(503);
    }
    double.plan = () => undefined;
    expect((await first.failed).message).toContain("took the shard over");
    await Promise.all([first.close(), second.close()]);
  });

  it("is refused by who copies stores, which lets go of it again", async () => {
    const server = createServer({ storage: storage(2, "a") });
    await server.open();
    await server.close();
    const directory = mkdtempSync(join(tmpdir(), "s2kit-copy-"));
    try {
      const from = { bucket: "bucket", endpoint: double.url };
      const to = { directory: join(directory, "store") };
      await expect(copyStore({ from, to })).rejects.toThrow("several shards cannot be copied");
      expect([...double.objects.keys()].filter((key) => key.startsWith("nodes/"))).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("is not made with a number of shards that no key has room for", () => {
    expect(() => createServer({ storage: storage(101, "a") })).toThrow("1 to 100 shards");
    expect(() => createServer({ storage: storage(0, "a") })).toThrow("1 to 100 shards");
  });
});

it("shows what it costs and how it stands, by the names in the guide and no others", async () => {
  const server = serverOn("a");
  expect((await ask(server, "POST", "/basins", { basin: "basin-one" })).status).toBe(201);
  await vi.waitFor(async () => {
    const response = await server.fetch(new Request("http://127.0.0.1/metrics"));
    const page = await response.text();
    const value = (line: string): number =>
      Number(
        page
          .split("\n")
          .find((each) => each.startsWith(`${line} `))
          ?.split(" ")[1],
      );
    expect(value('s2kit_bucket_requests_total{operation="put"}')).toBeGreaterThan(50);
    // Leases go beside the rest, and cost as much.
    expect(value('s2kit_bucket_requests_total{operation="overwrite"}')).toBeGreaterThan(2);
    expect(value("s2kit_shard_lease_fresh")).toBe(1);
    expect(value("s2kit_shard_lease_age_seconds")).toBeLessThan(1.5);
    expect(value("s2kit_shard_log_objects")).toBeGreaterThan(0);
    expect(value("s2kit_shard_log_bytes")).toBeGreaterThan(0);
    // What only grows says so, in its name and in its type.
    const typed = page.match(/^# TYPE s2kit_(bucket|shard)_.*/gm) ?? [];
    expect(typed.filter((line) => line.includes("_total ") !== line.endsWith(" counter"))).toEqual(
      [],
    );
    const shown = new Set(
      page.match(/^# TYPE s2kit_(bucket|shard)_\w+/gm)?.map((line) => line.slice(7).split(" ")[0]),
    );
    const guide = await readFile(
      new URL("../../../../../../docs/guides/bucket.md", import.meta.url),
      "utf8",
    );
    const named = new Set(guide.match(/s2kit_(bucket|shard)_\w+/g));
    expect(named).toEqual(shown);
  }, 5000);
  await server.close();
});
