// Deletion over HTTP: what callers learn between the mark and the purge, and after it. Time is
// simulated, so that the purge comes when the test says.

import { get } from "node:http";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DELETION_DELAY_MS } from "../../src/backend/background/deletion.js";
import {
  type Answer,
  type CallOptions,
  call,
  ENGINES,
  startServer,
  storageOf,
  type TestServer,
} from "../support/test-server.js";

describe.each(ENGINES)("deletion on %s", (engine) => {
  const home = "basin-that-stays";
  let clock: SimulatedClock;
  let running: TestServer;
  beforeEach(async () => {
    clock = createSimulatedClock(1_700_000_000_000);
    running = await startServer({ storage: storageOf(engine) }, { clock });
    await api("PUT", `/v1/basins/${home}`);
  });
  afterEach(async () => {
    const closed = running.server.close();
    await clock.advanceAsync(60_000);
    await closed;
  });

  const api = (method: string, path: string, options?: CallOptions): Promise<Answer> =>
    call(running.url, method, path, options);
  const inBasin = (method: string, path: string, options?: CallOptions): Promise<Answer> =>
    api(method, path, { basin: home, ...options });
  /** Streams go in the first step, their basin in the next. */
  async function purged(): Promise<void> {
    for (let step = 0; step < 3; step++) await clock.advanceAsync(DELETION_DELAY_MS);
  }

  test("ends a bounded read that is under way with an error, never as if it were complete", async () => {
    const path = "/v1/streams/large/records";
    await inBasin("PUT", "/v1/streams/large");
    // More than sockets take while nobody reads.
    for (let turn = 0; turn < 20; turn++)
      await inBasin("POST", path, { json: { records: [{ body: "x".repeat(900_000) }] } });
    const text = await new Promise<string>((resolve, reject) => {
      const options = { headers: { "s2-basin": home, accept: "text/event-stream" } };
      const sent = get(`${running.url}${path}?seq_num=0&count=20`, options, (response) => {
        response.once("data", (first: Buffer) => {
          response.pause();
          let tail = first;
          const goOn = async (): Promise<void> => {
            await inBasin("DELETE", "/v1/streams/large");
            await purged();
            response.on("data", (chunk: Buffer) => {
              tail = Buffer.concat([tail, chunk]).subarray(-1000);
            });
            response.on("end", () => resolve(tail.toString()));
            response.resume();
          };
          goOn().catch(reject);
        });
      });
      sent.on("error", reject);
    });
    expect(text).toContain("stream_deletion_pending");
    expect(text).not.toContain("[DONE]");
  });

  test("deletion of a basin answers 202 twice without a body, blocks the name, then frees it", async () => {
    const basin = "to-be-deleted";
    const create = (): Promise<Answer> => api("POST", "/v1/basins", { json: { basin } });
    await create();
    await api("PUT", "/v1/streams/s", { basin });
    const first = await api("DELETE", `/v1/basins/${basin}`);
    expect([first.status, first.text, first.headers.get("content-type")]).toEqual([202, "", null]);
    expect((await api("DELETE", `/v1/basins/${basin}`)).status).toBe(202);
    const { json } = await api("GET", `/v1/basins?prefix=${basin}`);
    expect(json.basins[0]).toMatchObject({ name: basin, state: "deleting" });
    for (const answer of [
      await create(),
      await api("PUT", `/v1/basins/${basin}`),
      await api("PATCH", `/v1/basins/${basin}`, { json: {} }),
      await api("PUT", "/v1/streams/t", { basin }),
    ])
      expect([answer.status, answer.json.code]).toEqual([409, "basin_deletion_pending"]);
    expect((await api("GET", `/v1/basins/${basin}`)).status).toBe(200);
    await purged();
    expect((await api("GET", `/v1/basins/${basin}`)).status).toBe(404);
    expect((await create()).headers.get("s2-provision-result")).toBe("created");
    expect((await api("GET", "/v1/streams", { basin })).json).toEqual({
      streams: [],
      has_more: false,
    });
  });

  test("deletion of a stream answers 202 twice, blocks every call, then frees the name at seqNum 0", async () => {
    const stream = "to-be-deleted";
    const path = `/v1/streams/${stream}`;
    await inBasin("PUT", path);
    await inBasin("POST", `${path}/records`, { json: { records: [{ body: "old" }] } });
    const first = await inBasin("DELETE", path);
    expect([first.status, first.text, first.headers.get("content-type")]).toEqual([202, "", null]);
    expect((await inBasin("DELETE", path)).status).toBe(202);
    for (const answer of [
      await inBasin("GET", path),
      await inBasin("PATCH", path, { json: {} }),
      await inBasin("PUT", path),
      await inBasin("POST", "/v1/streams", { json: { stream } }),
      await inBasin("POST", `${path}/records`, { json: { records: [{}] } }),
      await inBasin("GET", `${path}/records?seq_num=0`),
      await inBasin("GET", `${path}/records/tail`),
    ])
      expect([answer.status, answer.json.code]).toEqual([409, "stream_deletion_pending"]);
    const { json } = await inBasin("GET", `/v1/streams?prefix=${stream}`);
    expect(json.streams[0].deleted_at).not.toBeNull();
    await purged();
    expect((await inBasin("GET", path)).status).toBe(404);
    await inBasin("PUT", path);
    const append = await inBasin("POST", `${path}/records`, {
      json: { records: [{ body: "new" }] },
    });
    expect(append.json.start.seq_num).toBe(0);
  });
});
