import { decodeAppendAck } from "@s2kit/core";
import { afterEach, describe, expect, it } from "vitest";
import type { QuotaSettings } from "../../src/index.js";
import { inputFrame, openS2s, type Received } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "limited-basin";
const open: TestServer[] = [];
afterEach(async () => {
  for (const { server } of open.splice(0)) await server.close();
});

async function start(limits: QuotaSettings): Promise<string> {
  const server = await startServer({ limits });
  open.push(server);
  await call(server.url, "PUT", `/v1/basins/${basin}`);
  await call(server.url, "PUT", "/v1/streams/s", { basin });
  return server.url;
}

describe("limits of a stream", () => {
  it("refuse a single append with 429 and say when to come back", async () => {
    const url = await start({ perStream: { appendBatchesPerSec: 0.01 } });
    const options = { basin, json: { records: [{ body: "x" }] } };
    expect((await call(url, "POST", "/v1/streams/s/records", options)).status).toBe(200);
    const refused = await call(url, "POST", "/v1/streams/s/records", options);
    expect(refused).toMatchObject({ status: 429, json: { code: "rate_limited" } });
    const tail = await call(url, "GET", "/v1/streams/s/records/tail", { basin });
    expect(tail.json.tail.seq_num).toBe(1);
    expect(Number(refused.headers.get("retry-after-ms"))).toBeGreaterThan(0);
  });

  it("let an append session wait for its turn, and lose nothing", async () => {
    const url = await start({ perStream: { appendBatchesPerSec: 50 } });
    const session = await openS2s(url, "h2", {
      method: "POST",
      path: "/v1/streams/s/records",
      basin,
    });
    const batches = 70;
    for (let i = 0; i < batches; i++) session.send(inputFrame([String(i)]));
    session.half();
    const acks = (await session.rest()) as Extract<Received, { kind: "message" }>[];
    expect(acks.map(({ body }) => decodeAppendAck(body).start.seqNum)).toEqual(
      Array.from({ length: batches }, (_, i) => i),
    );
  });

  it("refuse a reader too many with 429, until another one leaves", async () => {
    const url = await start({ perStream: { concurrentReaders: 1 } });
    const read = { method: "GET", path: "/v1/streams/s/records?tail_offset=0", basin } as const;
    const first = await openS2s(url, "h2", read);
    expect(first.status).toBe(200);
    const unary = "/v1/streams/s/records?seq_num=0&wait=1&clamp=true";
    expect(await call(url, "GET", unary, { basin })).toMatchObject({
      status: 429,
      json: { code: "rate_limited" },
    });
    first.reset();
    await expect
      .poll(async () => (await call(url, "GET", unary, { basin })).status, { timeout: 10_000 })
      .toBe(200);
    expect((await call(url, "GET", unary, { basin })).status).toBe(200);
  });

  it("leave everyone alone where none are set", async () => {
    const url = await start({});
    const options = { basin, json: { records: [{ body: "x" }] } };
    for (let i = 0; i < 20; i++)
      expect((await call(url, "POST", "/v1/streams/s/records", options)).status).toBe(200);
  });
});
