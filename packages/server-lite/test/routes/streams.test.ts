// Streams over HTTP: create, ensure, configuration, inheritance, automatic creation, deletion.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Answer,
  type CallOptions,
  call,
  ENGINES,
  startServer,
  storageOf,
  type TestServer,
} from "../support/test-server.js";

describe.each(ENGINES)("streams on %s", (engine) => {
  let running: TestServer;
  let serial = 0;
  const basin = "streams-of-test";
  beforeAll(async () => {
    running = await startServer({ storage: storageOf(engine) });
    await call(running.url, "PUT", `/v1/basins/${basin}`);
  });
  afterAll(() => running.server.close());

  const api = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    call(running.url, method, path, { basin, ...options });
  const freshName = (): string => `stream-${++serial}`;
  const outcome = (answer: Answer): [number, string | null] => [
    answer.status,
    answer.headers.get("s2-provision-result"),
  ];
  const basinWith = async (config: object): Promise<string> => {
    const name = `basin-with-config-${++serial}`;
    await call(running.url, "PUT", `/v1/basins/${name}`, { json: { config } });
    return name;
  };
  const DEFAULTS = {
    storage_class: "express",
    retention_policy: { age: 604_800 },
    timestamping: { mode: "client-prefer", uncapped: false },
    delete_on_empty: { min_age_secs: 0 },
  };

  test("create answers 201 created, repeats with its token as noop, else conflicts", async () => {
    const stream = freshName();
    const create = (config: unknown, token?: string): Promise<Answer> =>
      api("POST", "/v1/streams", {
        json: { stream, config },
        headers: token === undefined ? {} : { "s2-request-token": token },
      });
    const first = await create(undefined, "t");
    expect(outcome(first)).toEqual([201, "created"]);
    expect(first.json).toMatchObject({ name: stream, deleted_at: null, cipher: null });
    const again = await create({}, "t");
    expect([outcome(again), again.json]).toEqual([[201, "noop"], first.json]);
    for (const answer of [await create({}), await create({ storage_class: "standard" }, "t")])
      expect([answer.status, answer.json]).toEqual([
        409,
        {
          code: "resource_already_exists",
          message: `stream \`${stream}\` in basin \`${basin}\` already exists`,
        },
      ]);
  });

  test("the request token covers the request, not the basin's defaults of the moment", async () => {
    const name = await basinWith({});
    const stream = freshName();
    const create = (): Promise<Answer> =>
      api("POST", "/v1/streams", {
        basin: name,
        json: { stream },
        headers: { "s2-request-token": "t" },
      });
    await create();
    await call(running.url, "PATCH", `/v1/basins/${name}`, {
      json: { default_stream_config: { storage_class: "standard" } },
    });
    expect(outcome(await create())).toEqual([201, "noop"]);
  });

  test("ensure goes created, noop, updated, noop; explicit defaults equal unset ones", async () => {
    const path = `/v1/streams/${freshName()}`;
    const ensure = async (json?: unknown): Promise<[number, string | null]> =>
      outcome(await api("PUT", path, json === undefined ? {} : { json }));
    expect(await ensure()).toEqual([201, "created"]);
    expect(await ensure({})).toEqual([200, "noop"]);
    expect(await ensure(DEFAULTS)).toEqual([200, "noop"]);
    expect(await ensure({ timestamping: { mode: "arrival" } })).toEqual([200, "updated"]);
    expect(await ensure((await api("GET", path)).json)).toEqual([200, "noop"]);
    expect(await ensure()).toEqual([200, "updated"]);
    expect((await api("GET", path)).json).toEqual(DEFAULTS);
  });

  test("a patch keeps, sets, and resets to the basin's defaults of now", async () => {
    const name = await basinWith({ default_stream_config: { retention_policy: { age: 60 } } });
    const path = `/v1/streams/${freshName()}`;
    const patch = async (json: unknown): Promise<Answer> =>
      api("PATCH", path, { basin: name, json });
    await api("PUT", path, { basin: name });
    await patch({
      timestamping: { mode: "arrival", uncapped: true },
      retention_policy: { infinite: {} },
    });
    const partial = await patch({
      timestamping: { mode: "client-require" },
      delete_on_empty: { min_age_secs: 5 },
    });
    expect(partial.json).toEqual({
      storage_class: "express",
      retention_policy: { infinite: {} },
      timestamping: { mode: "client-require", uncapped: true },
      delete_on_empty: { min_age_secs: 5 },
    });
    expect((await patch({})).json).toEqual(partial.json);
    const reset = await patch({
      retention_policy: null,
      timestamping: null,
      delete_on_empty: null,
    });
    expect(reset.json).toEqual({ ...DEFAULTS, retention_policy: { age: 60 } });
    expect((await patch({ retention_policy: { age: 0 } })).json.code).toBe("invalid");
  });

  test("a patched timestamping mode governs the next append of an open stream", async () => {
    const path = `/v1/streams/${freshName()}`;
    await api("PUT", path);
    const append = (): Promise<Answer> =>
      api("POST", `${path}/records`, { json: { records: [{ body: "x" }] } });
    expect((await append()).status).toBe(200);
    await api("PATCH", path, { json: { timestamping: { mode: "client-require" } } });
    expect((await append()).json.code).toBe("invalid");
  });

  test.each(["a/b", "team/a", "sp ace", "ünï-💡", "a?b#c", "%2F", "...", "x".repeat(512)])(
    "the name %j survives creation, path and list",
    async (stream) => {
      const path = `/v1/streams/${encodeURIComponent(stream)}`;
      expect(outcome(await api("PUT", path))).toEqual([201, "created"]);
      expect((await api("GET", path)).json).toEqual(DEFAULTS);
      const { json } = await api("GET", `/v1/streams?prefix=${encodeURIComponent(stream)}`);
      expect(json.streams.map(({ name }: { name: string }) => name)).toContain(stream);
    },
  );

  test("a query that does not parse is told before a basin that is missing", async () => {
    const answer = await call(running.url, "GET", "/v1/streams?limit=x", {
      basin: "none-such-basin",
    });
    expect([answer.status, answer.json.code]).toEqual([400, "bad_query"]);
  });

  test("lists sort by UTF-8 bytes, not by UTF-16 units", async () => {
    const name = await basinWith({});
    const ordered = ["a", "b", "z\u{ff5e}", "z\u{1f4a1}"];
    for (const stream of [...ordered].reverse())
      await api("POST", "/v1/streams", { basin: name, json: { stream } });
    const { json } = await api("GET", "/v1/streams", { basin: name });
    expect(json.streams.map(({ name: n }: { name: string }) => n)).toEqual(ordered);
  });

  test.each([
    ["POST", "/v1/streams", { stream: "s" }],
    ["GET", "/v1/streams", undefined],
    ["PUT", "/v1/streams/s", {}],
    ["GET", "/v1/streams/s", undefined],
    ["PATCH", "/v1/streams/s", {}],
    ["DELETE", "/v1/streams/s", undefined],
    ["GET", "/v1/streams/s/records/tail", undefined],
    ["GET", "/v1/streams/s/records?seq_num=0", undefined],
    ["POST", "/v1/streams/s/records", { records: [{}] }],
  ])("%s %s in a missing basin is basin_not_found", async (method, path, json) => {
    const answer = await api(method, path, {
      basin: "missing-basin",
      ...(json === undefined ? {} : { json }),
    });
    expect([answer.status, answer.json.code]).toEqual([404, "basin_not_found"]);
  });

  test.each([
    ["GET", "/v1/streams/missing", undefined],
    ["PATCH", "/v1/streams/missing", {}],
    ["DELETE", "/v1/streams/missing", undefined],
    ["GET", "/v1/streams/missing/records/tail", undefined],
    ["GET", "/v1/streams/missing/records?seq_num=0", undefined],
    ["POST", "/v1/streams/missing/records", { records: [{}] }],
  ])("%s %s is stream_not_found", async (method, path, json) => {
    const answer = await api(method, path, json === undefined ? {} : { json });
    expect([answer.status, answer.json]).toEqual([
      404,
      { code: "stream_not_found", message: `stream \`missing\` in basin \`${basin}\` not found` },
    ]);
  });

  describe("automatic creation", () => {
    const defaults = { default_stream_config: { retention_policy: { age: 3600 } } };

    test("on append takes the basin's defaults, and eight first appends at once all succeed", async () => {
      const name = await basinWith({ ...defaults, create_stream_on_append: true });
      const append = (): Promise<Answer> =>
        api("POST", "/v1/streams/auto/records", {
          basin: name,
          json: { records: [{ body: "x" }] },
        });
      const answers = await Promise.all(Array.from({ length: 8 }, append));
      expect(answers.map(({ json }) => json.start.seq_num as number).sort((a, b) => a - b)).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 7],
      );
      const { json } = await api("GET", "/v1/streams/auto", { basin: name });
      expect(json.retention_policy).toEqual({ age: 3600 });
      expect(
        (await api("GET", "/v1/streams/other/records?seq_num=0", { basin: name })).status,
      ).toBe(404);
    });

    test("on read answers 416 of the new stream; check-tail gives zeros", async () => {
      const name = await basinWith({ ...defaults, create_stream_on_read: true });
      const read = await api("GET", "/v1/streams/auto/records?seq_num=0", { basin: name });
      expect([read.status, read.json]).toEqual([416, { tail: { seq_num: 0, timestamp: 0 } }]);
      expect((await api("GET", "/v1/streams/auto", { basin: name })).status).toBe(200);
      const tail = await api("GET", "/v1/streams/new/records/tail", { basin: name });
      expect(tail.json).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
      const append = await api("POST", "/v1/streams/third/records", {
        basin: name,
        json: { records: [{}] },
      });
      expect(append.json.code).toBe("stream_not_found");
    });

    test("takes s2-stream-config over the defaults, only for a stream that it makes", async () => {
      const name = await basinWith({ ...defaults, create_stream_on_append: true });
      const append = (age: number): Promise<Answer> =>
        api("POST", "/v1/streams/auto/records", {
          basin: name,
          json: { records: [{}] },
          headers: { "s2-stream-config": JSON.stringify({ retention_policy: { age } }) },
        });
      await append(77);
      await append(88);
      const { json } = await api("GET", "/v1/streams/auto", { basin: name });
      expect(json.retention_policy).toEqual({ age: 77 });
    });

    test("makes nothing for a request that is invalid itself", async () => {
      const name = await basinWith({ create_stream_on_append: true, create_stream_on_read: true });
      await api("POST", "/v1/streams/s/records", { basin: name, json: { records: [] } });
      await api("GET", "/v1/streams/s/records?seq_num=0&timestamp=1", { basin: name });
      await api("GET", "/v1/streams/s/records?timestamp=5&until=5", { basin: name });
      expect((await api("GET", "/v1/streams", { basin: name })).json.streams).toEqual([]);
    });
  });
});
