// A server over a bucket behind real sockets: what it acknowledged is there for the next one, which
// waits for one that vanished and not for one that gave the store away.

import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createServer, type S2Server } from "../../../../src/index.js";
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
    expect(value('s2kit_bucket_requests{operation="put"}')).toBeGreaterThan(50);
    // Leases go beside the rest, and cost as much.
    expect(value('s2kit_bucket_requests{operation="overwrite"}')).toBeGreaterThan(2);
    expect(value("s2kit_shard_lease_fresh")).toBe(1);
    expect(value("s2kit_shard_lease_age_seconds")).toBeLessThan(1.5);
    expect(value("s2kit_shard_log_objects")).toBeGreaterThan(0);
    expect(value("s2kit_shard_log_bytes")).toBeGreaterThan(0);
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
