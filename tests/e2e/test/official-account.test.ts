// The official SDK drives the whole control plane: every method of its account surface, with
// authentication off and on. A last check fails when one of its methods was never called.

import {
  S2,
  S2AccessTokens,
  S2Basins,
  S2Error,
  S2Locations,
  S2Metrics,
  S2Streams,
} from "@s2-dev/streamstore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCalledMethods } from "./harness/called-methods.js";
import { startServer, type TestServer } from "./harness/server.js";

const ROOT = "official-root-token";

const methods = createCalledMethods();
methods.watch("S2Basins", S2Basins.prototype);
methods.watch("S2Streams", S2Streams.prototype);
methods.watch("S2AccessTokens", S2AccessTokens.prototype);
methods.watch("S2Locations", S2Locations.prototype);
methods.watch("S2Metrics", S2Metrics.prototype);

afterAll(() => {
  expect(methods.missing()).toEqual([]);
});

function clientOf(server: TestServer, accessToken: string): S2 {
  return new S2({
    accessToken,
    endpoints: { account: server.url, basin: server.url },
    retry: { maxAttempts: 1 },
  });
}

async function namesOf(source: AsyncIterable<{ name: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of source) names.push(name);
  return names;
}

describe.each([
  ["without authentication", {}, "ignored"],
  ["with authentication", { auth: true, rootToken: ROOT }, ROOT],
])("the account surface %s", (_, settings, token) => {
  let server: TestServer;
  let s2: S2;
  beforeAll(async () => {
    server = await startServer(settings);
    s2 = clientOf(server, token);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("basins: create, ensure, configure, list in pages, delete", async () => {
    const created = await s2.basins.create({
      basin: "first-basin",
      config: {
        createStreamOnAppend: true,
        createStreamOnRead: false,
        defaultStreamConfig: {
          storageClass: "standard",
          retentionPolicy: { ageSecs: 3600 },
          timestamping: { mode: "client-prefer", uncapped: false },
          deleteOnEmpty: { minAgeSecs: 60 },
        },
      },
    });
    expect(created.createdAt.getTime()).toBeLessThanOrEqual(Date.now());
    const second = await s2.basins.ensure({ basin: "second-basin" });
    expect(second.result).toBe("created");
    const config = { createStreamOnRead: true };
    const updated = await s2.basins.ensure({ basin: "second-basin", config });
    expect(updated.result).toBe("updated");
    const known = await s2.basins.getConfig({ basin: "second-basin" });
    expect(known.createStreamOnRead).toBe(true);
    const same = await s2.basins.ensure({ basin: "second-basin", config: known });
    expect(same.result).toBe("noop");

    const page = await s2.basins.list({ prefix: "", limit: 1 });
    expect([page.basins.map(({ name }) => name), page.hasMore]).toEqual([["first-basin"], true]);
    const rest = await s2.basins.list({ startAfter: "first-basin" });
    expect([rest.basins.map(({ name }) => name), rest.hasMore]).toEqual([["second-basin"], false]);
    expect(await namesOf(s2.basins.listAll({ limit: 1 }))).toEqual(["first-basin", "second-basin"]);

    const reconfigured = await s2.basins.reconfigure({
      basin: "first-basin",
      createStreamOnAppend: false,
      defaultStreamConfig: { retentionPolicy: { infinite: {} } },
    });
    expect(reconfigured.createStreamOnAppend).toBe(false);
    expect(reconfigured.defaultStreamConfig).toMatchObject({
      retentionPolicy: { infinite: {} },
      storageClass: "standard",
      timestamping: { mode: "client-prefer", uncapped: false },
    });
    await s2.basins.delete({ basin: "second-basin" });
    await expect
      .poll(async () => namesOf(s2.basins.listAll({ includeDeleted: true })), { timeout: 5000 })
      .toEqual(["first-basin"]);
    await expect(s2.basins.delete({ basin: "never-existed" })).rejects.toMatchObject({
      status: 404,
      code: "basin_not_found",
    });
  });

  it("streams: create, ensure, configure, list in pages, delete", async () => {
    await s2.basins.create({ basin: "stream-basin" });
    const { streams } = s2.basin("stream-basin");
    await streams.create({ stream: "a/1", config: { storageClass: "standard" } });
    const ensured = await streams.ensure({
      stream: "a/2",
      config: { deleteOnEmpty: { minAgeSecs: 9 } },
    });
    expect([ensured.result, ensured.stream.name]).toEqual(["created", "a/2"]);
    const config = await streams.getConfig({ stream: "a/2" });
    expect(config.deleteOnEmpty).toEqual({ minAgeSecs: 9 });
    expect((await streams.ensure({ stream: "a/2", config })).result).toBe("noop");
    await streams.create({ stream: "ünïcode 🦀 %2F" });
    expect((await streams.list({ prefix: "a/", limit: 1 })).hasMore).toBe(true);
    expect(await namesOf(streams.listAll({ prefix: "a/", limit: 1 }))).toEqual(["a/1", "a/2"]);
    expect(await namesOf(streams.listAll())).toEqual(["a/1", "a/2", "ünïcode 🦀 %2F"]);
    const changed = await streams.reconfigure({
      stream: "a/1",
      retentionPolicy: { infinite: {} },
      timestamping: { mode: "arrival" },
    });
    expect(changed).toMatchObject({
      retentionPolicy: { infinite: {} },
      storageClass: "standard",
      timestamping: { mode: "arrival" },
    });
    await streams.delete({ stream: "a/1" });
    await expect
      .poll(async () => namesOf(streams.listAll({ prefix: "a/1", includeDeleted: true })))
      .toEqual([]);
    await expect(streams.getConfig({ stream: "nowhere" })).rejects.toBeInstanceOf(S2Error);
    await expect(streams.create({ stream: "a/2" })).rejects.toMatchObject({
      code: "resource_already_exists",
    });
    await expect(streams.create({ stream: "x".repeat(513) })).rejects.toBeInstanceOf(S2Error);
  });

  it("a retention of no time is refused at all four places", async () => {
    await s2.basins.create({ basin: "ageless-basin" });
    const { streams } = s2.basin("ageless-basin");
    await streams.create({ stream: "s" });
    const retentionPolicy = { ageSecs: 0 };
    const defaultStreamConfig = { retentionPolicy };
    const attempts = [
      s2.basins.create({ basin: "ageless-basin-2", config: { defaultStreamConfig } }),
      s2.basins.reconfigure({ basin: "ageless-basin", defaultStreamConfig }),
      streams.create({ stream: "t", config: { retentionPolicy } }),
      streams.reconfigure({ stream: "s", retentionPolicy }),
    ];
    for (const attempt of attempts)
      await expect(attempt).rejects.toMatchObject({ status: 422, code: "invalid" });
  });

  it("access tokens: issue, list in pages, revoke", async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const scope = {
      basins: { prefix: "token-" },
      streams: { prefix: "" },
      accessTokens: { exact: "x" },
      opGroups: { stream: { read: true, write: true } },
      ops: ["list-basins" as const],
    };
    const { accessToken } = await s2.accessTokens.issue({ id: "one", scope, expiresAt });
    expect(accessToken.length).toBeGreaterThan(10);
    await s2.accessTokens.issue({ id: "two", scope });
    const page = await s2.accessTokens.list({ limit: 1 });
    expect([page.accessTokens.map(({ id }) => id), page.hasMore]).toEqual([["one"], true]);
    expect(page.accessTokens[0]?.expiresAt?.getTime()).toBe(expiresAt.getTime());
    const ids: string[] = [];
    for await (const { id } of s2.accessTokens.listAll({ limit: 1 })) ids.push(id);
    expect(ids).toEqual(["one", "two"]);
    await expect(s2.accessTokens.issue({ id: "one", scope })).rejects.toMatchObject({
      status: 409,
    });
    await expect(s2.accessTokens.issue({ id: "none", scope: {} })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining("Access token permissions cannot be empty") as string,
    });
    await s2.accessTokens.revoke({ id: "one" });
    await s2.accessTokens.revoke({ id: "two" });
    await expect(s2.accessTokens.revoke({ id: "two" })).rejects.toMatchObject({
      status: 404,
      code: "access_token_not_found",
    });
    expect((await s2.accessTokens.list()).accessTokens).toEqual([]);
  });

  it("locations: list, default, set default", async () => {
    const locations = await s2.locations.list();
    const before = await s2.locations.getDefault();
    expect(locations).toContainEqual(before);
    const set = await s2.locations.setDefault({ location: before.name });
    expect(set).toEqual(before);
    expect(await s2.locations.getDefault()).toEqual(before);
  });

  it("metrics: every set of every level", async () => {
    await s2.basins.create({ basin: "metric-basin" });
    await s2.basin("metric-basin").streams.create({ stream: "s" });
    const range = { start: new Date(Date.now() - 3_600_000), end: new Date(Date.now() + 1000) };
    for (const set of ["active-basins", "account-ops"] as const)
      expect(Array.isArray((await s2.metrics.account({ set, ...range })).values)).toBe(true);
    const sets = ["storage", "append-ops", "read-ops", "read-throughput"] as const;
    for (const set of [...sets, "append-throughput", "basin-ops"] as const) {
      const { values } = await s2.metrics.basin({ basin: "metric-basin", set, ...range });
      expect(Array.isArray(values), set).toBe(true);
    }
    const stream = { basin: "metric-basin", stream: "s", set: "storage" as const };
    const gauge = await s2.metrics.stream({ ...stream, ...range });
    expect(gauge.values.every((value) => "gauge" in value)).toBe(true);
    const byMinute = await s2.metrics.basin({
      basin: "metric-basin",
      set: "basin-ops",
      interval: "minute",
      ...range,
    });
    for (const value of byMinute.values)
      expect("accumulation" in value && value.accumulation.interval).toBe("minute");
    await expect(
      s2.metrics.account({ set: "account-ops", start: 100_000, end: 50_000 }),
    ).rejects.toMatchObject({ status: 422 });
  });
});

describe("access tokens in use", () => {
  let server: TestServer;
  let root: S2;
  beforeAll(async () => {
    server = await startServer({ auth: true, rootToken: ROOT });
    root = clientOf(server, ROOT);
    await root.basins.create({ basin: "tenant-basin" });
    await root.basins.create({ basin: "other-basin" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("an unknown token is 401", async () => {
    await expect(clientOf(server, "garbage").basins.list()).rejects.toMatchObject({
      status: 401,
      code: "authn",
    });
  });

  it("a limited token sees and does what its scope names, and nothing else", async () => {
    const { accessToken } = await root.accessTokens.issue({
      id: "limited",
      scope: {
        basins: { exact: "tenant-basin" },
        streams: { prefix: "" },
        ops: ["list-basins", "create-stream", "list-streams"],
      },
    });
    const limited = clientOf(server, accessToken);
    expect((await limited.basins.list()).basins.map(({ name }) => name)).toEqual(["tenant-basin"]);
    await limited.basin("tenant-basin").streams.create({ stream: "mine" });
    const denied = { status: 403, code: "permission_denied" };
    await expect(limited.basins.delete({ basin: "tenant-basin" })).rejects.toMatchObject(denied);
    await expect(limited.basin("other-basin").streams.list()).rejects.toMatchObject(denied);
    await expect(limited.basin("tenant-basin").stream("mine").checkTail()).rejects.toMatchObject(
      denied,
    );
    await root.accessTokens.revoke({ id: "limited" });
    await expect(limited.basins.list()).rejects.toMatchObject({ status: 401 });
  });

  it("two tenants with prefixes of their own share a basin without meeting", async () => {
    const tenant = async (prefix: string): Promise<S2> => {
      const { accessToken } = await root.accessTokens.issue({
        id: `tenant-${prefix}`,
        autoPrefixStreams: true,
        scope: {
          basins: { exact: "other-basin" },
          streams: { prefix },
          opGroups: { basin: { read: true, write: true }, stream: { read: true, write: true } },
        },
      });
      return clientOf(server, accessToken);
    };
    const [a, b] = [await tenant("a-"), await tenant("b-")];
    for (const s2 of [a, b]) {
      const { streams } = s2.basin("other-basin");
      expect((await streams.create({ stream: "s" })).name).toBe("s");
      expect(await namesOf(streams.listAll())).toEqual(["s"]);
    }
    expect(await namesOf(root.basin("other-basin").streams.listAll())).toEqual(["a-s", "b-s"]);
  });
});
