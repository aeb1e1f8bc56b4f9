// Management of basins, streams, tokens, locations and metrics on real sockets: what is sent and what
// comes back. Numbers in comments are recorded defects in tests/sdk/test/defects.test.ts.

import { describe, expect, it } from "vitest";
import { client, failureOf, peer } from "../harness/client.js";

describe("management", () => {
  it("creates once: the same request token in every try, another in every call", async () => {
    const server = await peer();
    server.next((exchange) => exchange.respond(503));
    server.always((exchange) =>
      exchange.json(201, { name: "test-basin", created_at: "2026-01-01T00:00:00Z" }),
    );
    const { basins } = client(server.url);
    const info = await basins.create({ basin: "test-basin" });
    await basins.create({ basin: "test-basin" });
    expect(info.createdAt).toEqual(new Date("2026-01-01T00:00:00Z")); // 54
    const tokens = server.requests.map(({ headers }) => headers["s2-request-token"]);
    expect(tokens[0]).toBe(tokens[1]);
    expect(tokens[2]).not.toBe(tokens[0]);
    expect(String(tokens[0]).length).toBeLessThanOrEqual(36);
  });

  it("gives Dates on every path, create included (54)", async () => {
    const server = await peer();
    const info = {
      name: "s",
      created_at: "2026-01-01T00:00:00Z",
      deleted_at: "2026-01-02T00:00:00Z",
      cipher: "aegis-256",
    };
    const expected = {
      name: "s",
      createdAt: new Date("2026-01-01T00:00:00Z"),
      deletedAt: new Date("2026-01-02T00:00:00Z"),
      cipher: "aegis-256",
    };
    const { streams } = client(server.url).basin("test-basin");
    server.next((exchange) => exchange.json(201, info));
    expect(await streams.create({ stream: "s" })).toEqual(expected);
    server.next((exchange) => exchange.json(200, info, { "s2-provision-result": "noop" }));
    expect(await streams.ensure({ stream: "s" })).toEqual({ result: "noop", stream: expected });
    server.next((exchange) => exchange.json(200, { streams: [info], has_more: false }));
    expect((await streams.list()).streams).toEqual([expected]);
  });

  it("puts names into the path alone, one encoded segment (45)", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      bodies.push(Buffer.from(await exchange.body()).toString());
      exchange.json(200, { values: [] });
    });
    const bodies: string[] = [];
    const s2 = client(server.url);
    await s2.basin("test-basin").streams.reconfigure({ stream: "a/b?c", storageClass: null });
    await s2.metrics.stream({
      set: "storage",
      basin: "test-basin",
      stream: "a/b",
      start: new Date(1_000_999),
      end: 2_000_000,
    });
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/v1/streams/a%2Fb%3Fc",
      "/v1/metrics/test-basin/a%2Fb?set=storage&start=1000&end=2000",
    ]);
    expect(bodies[0]).toBe('{"storage_class":null}');
  });

  it("sends what is null, zero or false, and leaves out what is undefined (31, 94)", async () => {
    const server = await peer();
    const bodies: unknown[] = [];
    server.always(async (exchange) => {
      bodies.push(JSON.parse(Buffer.from(await exchange.body()).toString()));
      exchange.json(200, {});
    });
    await client(server.url).basins.reconfigure({
      basin: "test-basin",
      createStreamOnAppend: false,
      streamCipher: undefined,
      defaultStreamConfig: { deleteOnEmpty: { minAgeSecs: 0 }, retentionPolicy: null },
    });
    expect(bodies).toEqual([
      {
        create_stream_on_append: false,
        default_stream_config: { delete_on_empty: { min_age_secs: 0 }, retention_policy: null },
      },
    ]);
  });

  it("floors fractional and clamps negative seconds in create, ensure and reconfigure (40)", async () => {
    const server = await peer();
    const bodies: string[] = [];
    server.always(async (exchange) => {
      bodies.push(Buffer.from(await exchange.body()).toString());
      exchange.json(200, { name: "s", created_at: "2026-01-01T00:00:00Z" });
    });
    const { streams } = client(server.url).basin("test-basin");
    const config = { deleteOnEmpty: { minAgeSecs: 1.9 }, retentionPolicy: { ageSecs: 60.5 } };
    await streams.create({ stream: "s", config });
    await streams.ensure({ stream: "s", config });
    await streams.reconfigure({ stream: "s", deleteOnEmpty: { minAgeSecs: -1 } });
    for (const body of bodies.slice(0, 2)) {
      expect(body).toContain('"min_age_secs":1}');
      expect(body).toContain('"age":60}');
    }
    expect(bodies[2]).toContain('"min_age_secs":0}');
  });

  it("sends no body with an ensure that asks for nothing", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      expect(await exchange.body()).toHaveLength(0);
      exchange.json(201, { name: "test-basin", created_at: "2026-01-01T00:00:00Z" });
    });
    expect((await client(server.url).basins.ensure({ basin: "test-basin" })).result).toBe(
      "created",
    );
  });

  it("sends an object, not null, with an ensure whose configuration sets nothing", async () => {
    const server = await peer();
    const bodies: string[] = [];
    server.always(async (exchange) => {
      bodies.push(Buffer.from(await exchange.body()).toString());
      exchange.json(201, { name: "s", created_at: "2026-01-01T00:00:00Z" });
    });
    await client(server.url).basin("test-basin").streams.ensure({ stream: "s", config: {} });
    await client(server.url).basins.ensure({ basin: "test-basin", config: {} });
    expect(JSON.parse(bodies[0] ?? "")).toEqual({});
    expect(JSON.parse(bodies[1] ?? "").config).toBeTypeOf("object");
  });

  it("takes a delete for done when an earlier unclear try did it", async () => {
    const server = await peer();
    server.next((exchange) => exchange.cutConnection());
    server.always((exchange) => exchange.json(404, { code: "basin_not_found", message: "" }));
    const { basins } = client(server.url);
    await basins.delete({ basin: "test-basin" });
    expect(await failureOf(basins.delete({ basin: "test-basin" }))).toMatchObject({ status: 404 });
    await basins.delete({ basin: "test-basin", ignoreNotFound: true });
  });

  it("walks through pages lazily, past filtered ones, and never twice over the same", async () => {
    const server = await peer();
    const page = (names: string[], deleted: boolean, hasMore: boolean): unknown => ({
      basins: names.map((name) => ({
        name,
        created_at: "2026-01-01T00:00:00Z",
        deleted_at: deleted ? "2026-01-01T00:00:00Z" : null,
      })),
      has_more: hasMore,
    });
    server.next((exchange) => exchange.json(200, page(["a", "b"], false, true)));
    server.next((exchange) => exchange.json(200, page(["c", "d"], true, true)));
    server.next((exchange) => exchange.json(200, page(["e"], false, true)));
    server.next((exchange) => exchange.json(200, page([], false, true)));
    const { basins } = client(server.url);
    const names: string[] = [];
    for await (const { name } of basins.listAll({ prefix: "x", limit: 2 })) {
      if (name === "a") expect(server.requests).toHaveLength(1);
      names.push(name);
    }
    expect(names).toEqual(["a", "b", "e"]);
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/v1/basins?prefix=x&limit=2",
      "/v1/basins?prefix=x&start_after=b&limit=2",
      "/v1/basins?prefix=x&start_after=d&limit=2",
      "/v1/basins?prefix=x&start_after=e&limit=2",
    ]);
    server.always((exchange) => exchange.json(200, page(["a", "b", "c"], false, true)));
    expect(await basins.listAll({ maxItems: 4 }).toArray()).toHaveLength(4);
  });

  it("issues, lists and revokes access tokens", async () => {
    const server = await peer();
    const bodies: unknown[] = [];
    server.next(async (exchange) => {
      bodies.push(JSON.parse(Buffer.from(await exchange.body()).toString()));
      exchange.json(201, { access_token: "secret" });
    });
    server.next((exchange) =>
      exchange.json(200, {
        access_tokens: [{ id: "t", expires_at: "2027-01-01T00:00:00Z", scope: {} }],
        has_more: false,
      }),
    );
    server.next((exchange) => exchange.respond(204));
    const { accessTokens } = client(server.url);
    const scope = { basins: { prefix: "" }, ops: ["read"] } as const;
    expect(await accessTokens.issue({ id: "t", scope, expiresAt: new Date(1000) })).toEqual({
      accessToken: "secret",
    });
    expect(bodies[0]).toMatchObject({ id: "t", expires_at: "1970-01-01T00:00:01.000Z" });
    expect((await accessTokens.list()).accessTokens[0]).toMatchObject({
      expiresAt: new Date("2027-01-01T00:00:00Z"),
      autoPrefixStreams: false, // 54
    });
    await accessTokens.revoke({ id: "t/1" });
    expect(server.requests[2]?.path).toBe("/v1/access-tokens/t%2F1");
  });

  it("lists locations and sets the default by a bare string", async () => {
    const server = await peer();
    server.next((exchange) => exchange.json(200, [{ name: "aws:us-east-1", is_private: false }]));
    server.next(async (exchange) => {
      expect(Buffer.from(await exchange.body()).toString()).toBe('"aws:us-east-1"');
      exchange.json(200, { name: "aws:us-east-1", is_private: false });
    });
    const { locations } = client(server.url);
    expect(await locations.list()).toEqual([{ name: "aws:us-east-1", isPrivate: false }]);
    await locations.setDefault({ location: "aws:us-east-1" });
  });

  it("gives metrics with Dates", async () => {
    const server = await peer();
    server.next((exchange) =>
      exchange.json(200, {
        values: [{ gauge: { name: "storage", unit: "bytes", values: [[60, 5]] } }],
      }),
    );
    const { values } = await client(server.url).metrics.account({ set: "active-basins" });
    expect(values).toEqual([
      { kind: "gauge", name: "storage", unit: "bytes", values: [[new Date(60_000), 5]] },
    ]);
  });
});
