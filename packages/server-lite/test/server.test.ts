// The server as a whole: settings, embedding, init file, lifecycle.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFrameDecoder } from "@s2kit/core";
import { createSseParser } from "@s2kit/core/sse";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServer } from "../src/index.js";
import { createMemoryMedium, createMemoryStorage } from "../src/storage/memory/memory.js";
import type { Storage } from "../src/storage/storage.js";
import { inputFrame } from "./support/s2s-client.js";
import { type Answer, call, startServer, storageOf } from "./support/test-server.js";

describe("settings", () => {
  test.each([
    [{ host: "0.0.0.0" }, "needs auth, or allowRemote"],
    [{ port: 70_000 }, "port"],
    [{ appendInflightBytes: 10 }, "in-flight"],
  ])("%j is refused before anything is opened", (settings, words) => {
    expect(() => createServer(settings)).toThrow(words);
  });

  test("a taken port rejects with the error of the platform", async () => {
    const blocker = createNetServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    const { port } = blocker.address() as { port: number };
    const server = createServer({ port });
    await expect(server.listen()).rejects.toMatchObject({ code: "EADDRINUSE" });
    await server.close();
    blocker.close();
  });
});

describe("embedding", () => {
  test("a server without a port answers requests, sessions included", async () => {
    await using server = createServer();
    const send = (method: string, path: string, init: RequestInit = {}): Promise<Response> =>
      server.fetch(
        new Request(`http://s2${path}`, {
          method,
          ...init,
          headers: { "s2-basin": "embedded-basin", ...(init.headers as Record<string, string>) },
        }),
      );
    expect(await (await send("GET", "/health")).text()).toBe("OK");
    expect((await send("PUT", "/v1/basins/embedded-basin")).status).toBe(201);
    expect((await send("PUT", "/v1/streams/a%2Fb")).status).toBe(201);
    const append = await send("POST", "/v1/streams/a%2Fb/records", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ records: [{ body: "x" }] }),
    });
    expect(await append.json()).toMatchObject({ end: { seq_num: 1 } });

    const session = await send("POST", "/v1/streams/a%2Fb/records", {
      headers: { "content-type": "s2s/proto" },
      body: Buffer.concat([inputFrame(["y"]), inputFrame(["z"])]),
    });
    const decoder = createFrameDecoder();
    decoder.push(new Uint8Array(await session.arrayBuffer()));
    expect([decoder.next()?.kind, decoder.next()?.kind, decoder.next()]).toEqual([
      "message",
      "message",
      undefined,
    ]);

    const sse = await send("GET", "/v1/streams/a%2Fb/records?seq_num=0", {
      headers: { accept: "text/event-stream" },
    });
    const reader = sse.body?.getReader();
    const parser = createSseParser();
    const first = await reader?.read();
    parser.push(first?.value ?? new Uint8Array());
    expect(JSON.parse(parser.next()?.data ?? "").records).toHaveLength(3);
    await reader?.cancel();
  });

  test("an injected store is used, and closed with the server", async () => {
    const storage = createMemoryStorage();
    const { server, url } = await startServer({}, { storage });
    await call(url, "PUT", "/v1/basins/injected-basin");
    expect(storage.scanMeta({ prefix: Buffer.from("b/"), limit: 10 })).toHaveLength(1);
    await server.close();
    expect(storage.status).toBe("closed");
  });
});

describe("init file", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "s2kit-init-"));
  });
  afterAll(() => rm(directory, { recursive: true }));
  const fileOf = async (json: unknown): Promise<string> => {
    const path = join(directory, "init.json");
    await writeFile(path, JSON.stringify(json));
    return path;
  };

  test("makes basins and streams before it listens, and again changes nothing", async () => {
    const initFile = await fileOf({
      basins: [
        {
          name: "initial-basin",
          config: {
            create_stream_on_append: true,
            default_stream_config: {
              retention_policy: "7d",
              delete_on_empty: { min_age: "1h 30m" },
            },
          },
          streams: [
            { name: "first", config: { retention_policy: "infinite" } },
            { name: "second" },
          ],
        },
      ],
    });
    const storage = storageOf("disk");
    for (let round = 0; round < 2; round++) {
      const { server, url } = await startServer({ initFile, storage });
      const { json } = await call(url, "GET", "/v1/basins/initial-basin");
      expect(json).toMatchObject({
        create_stream_on_append: true,
        default_stream_config: {
          retention_policy: { age: 604_800 },
          delete_on_empty: { min_age_secs: 5400 },
        },
      });
      const first = await call(url, "GET", "/v1/streams/first", { basin: "initial-basin" });
      expect(first.json.retention_policy).toEqual({ infinite: {} });
      expect(
        (await call(url, "GET", "/v1/streams/second", { basin: "initial-basin" })).status,
      ).toBe(200);
      await server.close();
    }
  });

  test("takes the specs that the command line applies: any root keys, nulls, every unit", async () => {
    const ages = { "1day": 86_400, "2weeks 3days": 1_468_800, "90min": 5400, "1M": 2_630_016 };
    const streams = Object.keys(ages).map((age, i) => ({
      name: `s${i}`,
      config: { retention_policy: age, storage_class: null, timestamping: null },
    }));
    const initFile = await fileOf({
      $schema: "https://example.com/schema.json",
      basins: [
        {
          name: "lenient-basin",
          config: {
            stream_cipher: null,
            default_stream_config: { retention_policy: "Infinite", delete_on_empty: {} },
          },
          streams: [...streams, { name: "plain", config: null }],
        },
      ],
    });
    const { server, url } = await startServer({ initFile });
    const basin = "lenient-basin";
    for (const [i, age] of Object.values(ages).entries()) {
      const { json } = await call(url, "GET", `/v1/streams/s${i}`, { basin });
      expect(json.retention_policy).toEqual({ age });
    }
    const { json } = await call(url, "GET", "/v1/streams/plain", { basin });
    expect(json).toMatchObject({
      retention_policy: { infinite: {} },
      delete_on_empty: { min_age_secs: 0 },
    });
    await server.close();
  });

  test.each([
    [
      { basins: [{ name: "same-basin" }, { name: "same-basin" }] },
      'duplicate basin name "same-basin" field=basins[1].name',
    ],
    [{ basins: [{ name: "good-basin", streams: [{ name: "a" }, { name: "a" }] }] }, "duplicate"],
    [{ basins: [{ name: "short" }] }, "basin name"],
    [{ basins: [{ name: "good-basin", confg: {} }] }, 'unknown key "confg" field=basins[0]'],
    [
      {
        basins: [
          { name: "good-basin", streams: [{ name: "s", config: { retention_policy: "soon" } }] },
        ],
      },
      "duration",
    ],
    [{ basins: {} }, "expected an array"],
  ])("%j stops the start with the reason", async (json, words) => {
    const server = createServer({ port: 0, initFile: await fileOf(json) });
    await expect(server.listen()).rejects.toThrow(words);
    await server.close();
  });

  test.each<[string, object, string]>([
    [
      "a configuration that breaks a rule",
      { name: "third-basin", streams: [{ name: "s", config: { retention_policy: "1ms" } }] },
      "field=basins[1].streams[0].config.retention_policy path=",
    ],
    [
      "defaults that break a rule",
      { name: "third-basin", config: { default_stream_config: { retention_policy: "0s" } } },
      "field=basins[1].config.default_stream_config.retention_policy path=",
    ],
    [
      "a basin that is being deleted",
      { name: "going-basin" },
      "is being deleted field=basins[1] path=",
    ],
  ])("%s stops the start, and what stood before it is not made", async (_, entry, words) => {
    const medium = createMemoryMedium();
    // A clock that stands still: what is being deleted stays so.
    const clock = createSimulatedClock();
    const first = await startServer({}, { clock, storage: createMemoryStorage({ medium }) });
    await call(first.url, "PUT", "/v1/basins/kept-basin", { json: {} });
    await call(first.url, "PUT", "/v1/basins/going-basin");
    await call(first.url, "DELETE", "/v1/basins/going-basin");
    // Basins, streams, and the last id of a stream.
    const metaOf = (storage: Storage): unknown[] =>
      ["b/", "s/", "n/stream-id"].flatMap((prefix) =>
        storage
          .scanMeta({ prefix: Buffer.from(prefix), limit: 100 })
          .map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value).toString()]),
      );
    const storage = createMemoryStorage({ medium });
    const before = metaOf(storage);
    const good = [
      { name: "kept-basin", config: { create_stream_on_read: true }, streams: [{ name: "new" }] },
    ];
    const server = createServer(
      { port: 0, initFile: await fileOf({ basins: [...good, entry] }) },
      { clock, storage },
    );
    await expect(server.listen()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(words),
    });
    expect(metaOf(createMemoryStorage({ medium }))).toEqual(before);
    await first.server.close();
    await server.close();
  });

  test("streams of a basin that the file makes see its defaults in the rehearsal too", async () => {
    const config = { default_stream_config: { retention_policy: "3d" } };
    const streams = [{ name: "a" }, { name: "b" }];
    const initFile = await fileOf({ basins: [{ name: "fresh-basin", config, streams }] });
    const { server, url } = await startServer({ initFile });
    const { json } = await call(url, "GET", "/v1/streams/b", { basin: "fresh-basin" });
    expect(json.retention_policy).toEqual({ age: 259_200 });
    await server.close();
  });
});

describe("durability", () => {
  const basin = "held-basin-name";

  test("neither acks nor metadata answers leave before they are durable", async () => {
    const storage = createMemoryStorage();
    const { server, url } = await startServer({}, { storage });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    storage.holdDurability();
    const seen: string[] = [];
    const note = (name: string, answer: Promise<{ status: number }>): Promise<void> =>
      answer.then(({ status }) => void seen.push(`${name} ${status}`));
    const json = { records: [{ body: "x" }] };
    const held = [
      note("append", call(url, "POST", "/v1/streams/s/records", { basin, json })),
      note("create", call(url, "POST", "/v1/basins", { json: { basin: "another-basin" } })),
    ];
    await expect
      .poll(() => storage.scanMeta({ prefix: Buffer.from("b/"), limit: 9 }).length)
      .toBe(2);
    await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
    // What reports that state waits with it: the conflict, and the mismatch.
    held.push(note("again", call(url, "POST", "/v1/basins", { json: { basin: "another-basin" } })));
    held.push(
      note(
        "match",
        call(url, "POST", "/v1/streams/s/records", { basin, json: { ...json, match_seq_num: 0 } }),
      ),
    );
    // Requests that depend on nothing are answered meanwhile.
    for (let i = 0; i < 10; i++) await call(url, "GET", "/health");
    expect(seen).toEqual([]);
    storage.releaseDurability();
    await Promise.all(held);
    expect(seen.sort()).toEqual(["again 409", "append 200", "create 201", "match 412"]);
    await server.close();
  });

  test("an append on its way shows in no tail, read or mismatch before it is durable", async () => {
    const storage = createMemoryStorage();
    const { server, url } = await startServer({}, { storage });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    storage.holdDurability();
    const json = { records: [{ body: "x" }] };
    const append = call(url, "POST", "/v1/streams/s/records", { basin, json });
    await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
    const none = { tail: { seq_num: 0, timestamp: 0 } };
    expect((await call(url, "GET", "/v1/streams/s/records/tail", { basin })).json).toEqual(none);
    expect((await call(url, "GET", "/v1/streams/s/records?seq_num=0", { basin })).json).toEqual(
      none,
    );
    let mismatch: unknown;
    const refused = call(url, "POST", "/v1/streams/s/records", {
      basin,
      json: { ...json, match_seq_num: 0 },
    }).then((answer) => (mismatch = answer.json));
    for (let i = 0; i < 10; i++) await call(url, "GET", "/v1/streams/s/records/tail", { basin });
    expect(mismatch).toBeUndefined();
    storage.releaseDurability();
    await Promise.all([append, refused]);
    expect(mismatch).toEqual({ seq_num_mismatch: 1 });
    await server.close();
  });

  test("refused appends give their room in flight back", async () => {
    const { server, url } = await startServer({ appendInflightBytes: 1024 * 1024 });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    const append = (match?: number): Promise<Answer> =>
      call(url, "POST", "/v1/streams/s/records", {
        basin,
        json: { records: [{ body: "x".repeat(600_000) }], match_seq_num: match },
      });
    for (let i = 0; i < 3; i++) expect((await append(9)).status).toBe(412);
    expect((await append()).status).toBe(200);
    await server.close();
  });

  test("a failed store fails what waits with 500 storage, and /health says so", async () => {
    const storage = createMemoryStorage();
    const { server, url } = await startServer({}, { storage });
    await call(url, "PUT", `/v1/basins/${basin}`);
    await call(url, "PUT", "/v1/streams/s", { basin });
    storage.holdDurability();
    const waiting = call(url, "POST", "/v1/streams/s/records", { basin, json: { records: [{}] } });
    await expect.poll(() => storage.streamState(1)?.tail.seqNum).toBe(1);
    storage.fail(new Error("disk on fire"));
    expect((await waiting).json.code).toBe("storage");
    expect(await server.failed).toMatchObject({ code: "storage" });
    expect(server.status).toBe("failed");
    const health = await call(url, "GET", "/health");
    expect([health.status, health.text]).toEqual([503, "storage is failed"]);
    const after = await call(url, "POST", "/v1/streams/s/records", {
      basin,
      json: { records: [{}] },
    });
    expect([after.status, after.json.code]).toEqual([500, "storage"]);
    await server.close();
  });
});

test("close is idempotent, and frees the port", async () => {
  const { server, url } = await startServer();
  await Promise.all([server.close(), server.close()]);
  expect(server.status).toBe("closed");
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});
