// Basins over HTTP: the decision tables of create and ensure, configuration, lists, deletion.

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

describe.each(ENGINES)("basins on %s", (engine) => {
  let running: TestServer;
  let serial = 0;
  beforeAll(async () => {
    running = await startServer({ storage: storageOf(engine) });
  });
  afterAll(() => running.server.close());

  const api = (method: string, path: string, options?: CallOptions): Promise<Answer> =>
    call(running.url, method, path, options);
  const freshName = (): string => `basin-of-test-${++serial}`;
  const create = (basin: string, body: object = {}, token?: string): Promise<Answer> =>
    api("POST", "/v1/basins", {
      json: { basin, ...body },
      headers: token === undefined ? {} : { "s2-request-token": token },
    });
  const outcome = (answer: Answer): [number, string | null] => [
    answer.status,
    answer.headers.get("s2-provision-result"),
  ];

  describe("create", () => {
    test("answers 201 created with the info that the list shows", async () => {
      const basin = freshName();
      const answer = await create(basin);
      expect(outcome(answer)).toEqual([201, "created"]);
      expect(answer.json).toMatchObject({ name: basin, deleted_at: null, state: "active" });
      expect(Date.parse(answer.json.created_at)).toBeLessThanOrEqual(Date.now());
      const { json } = await api("GET", `/v1/basins?prefix=${basin}&limit=1`);
      expect(json).toEqual({ basins: [answer.json], has_more: false });
    });

    test("again with the same token and configuration is a noop, whatever the JSON looks like", async () => {
      const basin = freshName();
      const first = await create(basin, {}, "t1");
      for (const body of [
        { config: null },
        { config: {} },
        { config: { stream_cipher: null, create_stream_on_append: false } },
      ]) {
        const again = await create(basin, body, "t1");
        expect(outcome(again)).toEqual([201, "noop"]);
        expect(again.json).toEqual(first.json);
      }
    });

    test.each([
      ["another token", {}, "other"],
      ["no token", {}, undefined],
      ["another configuration", { config: { create_stream_on_read: true } }, "t1"],
    ])("with %s it conflicts", async (_, body, token) => {
      const basin = freshName();
      await create(basin, {}, "t1");
      const answer = await create(basin, body, token);
      expect([answer.status, answer.json.code, answer.json.message]).toEqual([
        409,
        "resource_already_exists",
        `basin \`${basin}\` already exists`,
      ]);
    });

    test("replayed after a reconfigure it is a noop that reverts nothing", async () => {
      const basin = freshName();
      await create(basin, {}, "t");
      await api("PATCH", `/v1/basins/${basin}`, { json: { create_stream_on_read: true } });
      expect(outcome(await create(basin, {}, "t"))).toEqual([201, "noop"]);
      expect((await api("GET", `/v1/basins/${basin}`)).json.create_stream_on_read).toBe(true);
    });

    test("a token of 37 bytes is a bad header, one of 36 and an empty one are fine", async () => {
      const refused = await create(freshName(), {}, "x".repeat(37));
      expect([refused.status, refused.json.code]).toEqual([400, "bad_header"]);
      expect(refused.json.message).toContain(
        "request token was longer than 36 bytes in length: 37",
      );
      expect((await create(freshName(), {}, "x".repeat(36))).status).toBe(201);
      expect((await create(freshName(), {}, "")).status).toBe(201);
    });

    test.each(["short", "a".repeat(49), "Upper-case", "under_score", "-leading", "trailing-", ""])(
      "refuses the name %j",
      async (name) => {
        const answer = await create(name);
        expect([answer.status, answer.json.code]).toEqual([400, "bad_json"]);
      },
    );

    test.each([
      ["a wrong type", { config: { create_stream_on_append: "yes" } }, 400, "bad_json"],
      ["an unknown cipher", { config: { stream_cipher: "rot13" } }, 400, "bad_json"],
      [
        "infinite as text",
        { config: { default_stream_config: { retention_policy: "infinite" } } },
        400,
        "bad_json",
      ],
      [
        "an age of 0",
        { config: { default_stream_config: { retention_policy: { age: 0 } } } },
        422,
        "invalid",
      ],
      ["a bad location", { location: "no spaces" }, 400, "bad_json"],
    ])("refuses %s", async (_, body, status, code) => {
      const answer = await create(freshName(), body);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
    });
  });

  describe("ensure", () => {
    const ensure = (basin: string, json?: unknown): Promise<Answer> =>
      api("PUT", `/v1/basins/${basin}`, json === undefined ? {} : { json });

    test("goes created, noop, updated, noop, and back to the defaults without a body", async () => {
      const basin = freshName();
      const config = { default_stream_config: { retention_policy: { age: 3600 } } };
      const first = await ensure(basin);
      expect(outcome(first)).toEqual([201, "created"]);
      expect(outcome(await ensure(basin, { config: null }))).toEqual([200, "noop"]);
      expect(outcome(await ensure(basin, { config }))).toEqual([200, "updated"]);
      const last = await ensure(basin, { config });
      expect(outcome(last)).toEqual([200, "noop"]);
      expect(last.json).toEqual(first.json);
      expect(outcome(await ensure(basin))).toEqual([200, "updated"]);
      expect((await api("GET", `/v1/basins/${basin}`)).json.default_stream_config).toBeNull();
    });

    test("with what get-config answers is a noop that changes nothing", async () => {
      const basin = freshName();
      await ensure(basin, {
        config: {
          default_stream_config: { delete_on_empty: { min_age_secs: 60 } },
          stream_cipher: "aegis-256",
        },
      });
      const { json: config } = await api("GET", `/v1/basins/${basin}`);
      expect(outcome(await ensure(basin, { config }))).toEqual([200, "noop"]);
      expect((await api("GET", `/v1/basins/${basin}`)).json).toEqual(config);
    });

    test("an explicit default differs from unset", async () => {
      const basin = freshName();
      await ensure(basin);
      const config = { default_stream_config: { retention_policy: { age: 604_800 } } };
      expect(outcome(await ensure(basin, { config }))).toEqual([200, "updated"]);
      const zero = {
        default_stream_config: { retention_policy: { age: 604_800 }, delete_on_empty: {} },
      };
      expect(outcome(await ensure(basin, { config: zero }))).toEqual([200, "updated"]);
    });

    test.each([
      ["null", "null"],
      ["an empty body", ""],
    ])("takes %s as no configuration", async (_, body) => {
      const answer = await api("PUT", `/v1/basins/${freshName()}`, {
        headers: { "content-type": "application/json" },
        body,
      });
      expect(outcome(answer)).toEqual([201, "created"]);
    });

    test("another location than it has is invalid", async () => {
      const basin = freshName();
      await ensure(basin);
      const { json } = await ensure(basin, { location: "elsewhere" });
      expect(json.code).toBe("invalid");
    });
  });

  describe("configuration", () => {
    test("of a new basin is null and real false", async () => {
      const basin = freshName();
      await create(basin);
      expect((await api("GET", `/v1/basins/${basin}`)).json).toEqual({
        default_stream_config: null,
        stream_cipher: null,
        create_stream_on_append: false,
        create_stream_on_read: false,
      });
    });

    test("a patch keeps what is absent, clears what is null, merges inside timestamping", async () => {
      const basin = freshName();
      const patch = (json: unknown): Promise<Answer> =>
        api("PATCH", `/v1/basins/${basin}`, { json });
      await create(basin);
      await patch({ default_stream_config: { timestamping: { mode: "arrival", uncapped: true } } });
      await patch({ default_stream_config: { timestamping: { mode: "client-require" } } });
      const { json } = await patch({ create_stream_on_append: true });
      expect(json).toEqual({
        default_stream_config: {
          storage_class: "express",
          retention_policy: null,
          timestamping: { mode: "client-require", uncapped: true },
          delete_on_empty: null,
        },
        stream_cipher: null,
        create_stream_on_append: true,
        create_stream_on_read: false,
      });
      expect((await patch({})).json).toEqual(json);
      expect((await patch({ default_stream_config: null })).json.default_stream_config).toBeNull();
      expect(
        (await patch({ default_stream_config: { retention_policy: { age: 0 } } })).json.code,
      ).toBe("invalid");
      const infinite = await patch({
        default_stream_config: { retention_policy: { infinite: {} } },
      });
      expect(infinite.json.default_stream_config.retention_policy).toEqual({ infinite: {} });
    });

    test.each(["GET", "PATCH", "DELETE"])(
      "%s of a missing basin is basin_not_found",
      async (method) => {
        const answer = await api(
          method,
          "/v1/basins/missing-basin",
          method === "PATCH" ? { json: {} } : {},
        );
        expect([answer.status, answer.json]).toEqual([
          404,
          { code: "basin_not_found", message: "basin `missing-basin` not found" },
        ]);
      },
    );
  });

  describe("lists", () => {
    test("page through a prefix in byte order, with has_more only when there is more", async () => {
      const names = ["list-x-10", "list-x-2", "list-x-a", "list-x-a-b"];
      for (const name of [...names].reverse()) await create(name);
      const page = async (query: string): Promise<[string[], boolean]> => {
        const { json } = await api("GET", `/v1/basins?${query}`);
        return [json.basins.map(({ name }: { name: string }) => name), json.has_more];
      };
      expect(await page("prefix=list-x")).toEqual([names, false]);
      expect(await page("prefix=list-x&limit=4")).toEqual([names, false]);
      expect(await page("prefix=list-x&limit=1")).toEqual([[names[0]], true]);
      expect(await page(`prefix=list-x&limit=2&start_after=${names[0]}`)).toEqual([
        names.slice(1, 3),
        true,
      ]);
      expect(await page("prefix=list-x&start_after=a")).toEqual([names, false]);
      expect(await page("prefix=list-x&start_after=zzz")).toEqual([[], false]);
      expect(await page("prefix=list-x&limit=0")).toEqual([names, false]);
      expect(await page("prefix=list-x&limit=1500")).toEqual([names, false]);
      expect(await page("prefix=unused-prefix")).toEqual([[], false]);
    });
  });
});
