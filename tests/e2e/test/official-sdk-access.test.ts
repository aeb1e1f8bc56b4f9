// The official SDK from npm against a server that checks tokens: what its own suites do with access
// tokens, metrics, locations and encryption against the hosted service, it can do here.

import { AppendInput, AppendRecord, S2, type S2Stream } from "@s2-dev/streamstore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./harness/server.js";

const ROOT = "root-token-of-the-suite";
const BASIN = "official-access";

let server: TestServer;
let root: S2;

beforeAll(async () => {
  server = await startServer({ auth: true, rootToken: ROOT });
  root = clientWith(ROOT);
  await root.basins.create({ basin: BASIN });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function clientWith(accessToken: string): S2 {
  const endpoints = { account: server.url, basin: server.url };
  return new S2({ accessToken, endpoints, retry: { maxAttempts: 1 } });
}

function records(...bodies: string[]): AppendInput {
  return AppendInput.create(bodies.map((body) => AppendRecord.string({ body })));
}

async function bodiesOf(stream: S2Stream, count: number): Promise<string[]> {
  const session = await stream.readSession({
    start: { from: { seqNum: 0 } },
    stop: { limits: { count } },
  });
  const bodies: string[] = [];
  for await (const record of session) bodies.push(record.body);
  return bodies;
}

describe("access tokens", () => {
  it("give a tenant its own streams, through sessions too", async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { accessToken } = await root.accessTokens.issue({
      id: "tenant-1",
      autoPrefixStreams: true,
      expiresAt,
      scope: {
        basins: { exact: BASIN },
        streams: { prefix: "tenant-1/" },
        opGroups: { basin: { read: true, write: true }, stream: { read: true, write: true } },
      },
    });
    const basin = clientWith(accessToken).basin(BASIN);
    expect((await basin.streams.create({ stream: "s" })).name).toBe("s");
    const session = await basin.stream("s").appendSession();
    const ticket = await session.submit(records("a", "b"));
    await ticket.ack();
    await session.close();
    expect(await bodiesOf(basin.stream("s"), 2)).toEqual(["a", "b"]);
    const names: string[] = [];
    for await (const { name } of root.basin(BASIN).streams.listAll()) names.push(name);
    expect(names).toEqual(["tenant-1/s"]);
    expect(await bodiesOf(root.basin(BASIN).stream("tenant-1/s"), 2)).toEqual(["a", "b"]);

    const { accessTokens } = await root.accessTokens.list({ prefix: "tenant-1" });
    expect(accessTokens).toMatchObject([{ id: "tenant-1", autoPrefixStreams: true, expiresAt }]);
  });

  it("are refused with the errors that the SDK knows", async () => {
    const { accessToken } = await root.accessTokens.issue({
      id: "reader",
      scope: {
        basins: { exact: BASIN },
        streams: { prefix: "" },
        opGroups: { stream: { read: true } },
      },
    });
    const reader = clientWith(accessToken);
    const stream = reader.basin(BASIN).stream("tenant-1/s");
    expect((await stream.checkTail()).tail.seqNum).toBe(2);
    const denied = { status: 403, code: "permission_denied" };
    await expect(stream.append(records("x"))).rejects.toMatchObject(denied);
    await expect(reader.basins.list()).rejects.toMatchObject(denied);
    await expect(reader.basin("somebody-elses").streams.list()).rejects.toMatchObject(denied);
    await expect(clientWith("invalid-token").basins.list()).rejects.toMatchObject({ status: 401 });
    await expect(
      root.accessTokens.issue({ id: "reader", scope: { ops: ["read"] } }),
    ).rejects.toMatchObject({ status: 409 });
    await root.accessTokens.revoke({ id: "reader" });
    await expect(stream.checkTail()).rejects.toMatchObject({ status: 401, code: "authn" });
    await expect(root.accessTokens.revoke({ id: "reader" })).rejects.toMatchObject({ status: 404 });
  });
});

describe("metrics", () => {
  const now = Date.now();
  const range = { start: now - 86_400_000, end: now + 30_000 };

  it("come in every set of every level", async () => {
    const account = await root.metrics.account({ set: "account-ops", ...range });
    expect(account.values.length).toBeGreaterThan(0);
    const active = await root.metrics.account({ set: "active-basins", ...range });
    expect(active.values).toEqual([{ label: { name: "active_basins", values: [BASIN] } }]);
    for (const set of [
      "storage",
      "append-ops",
      "read-ops",
      "read-throughput",
      "append-throughput",
      "basin-ops",
    ] as const)
      expect(
        (await root.metrics.basin({ basin: BASIN, set, ...range })).values.length,
        set,
      ).toBeGreaterThan(0);
    const stream = { basin: BASIN, stream: "tenant-1/s", set: "storage", ...range } as const;
    const [storage] = (await root.metrics.stream(stream)).values;
    expect(storage).toMatchObject({ gauge: { unit: "bytes" } });
  });
});

describe("locations", () => {
  it("are listed, and the default can be moved and restored", async () => {
    const before = await root.locations.getDefault();
    const all = await root.locations.list();
    expect(all).toContainEqual(before);
    for (const { name } of [...all, before])
      expect((await root.locations.setDefault({ location: name })).name).toBe(name);
    expect(await root.locations.getDefault()).toEqual(before);
  });
});

describe.each(["aegis-256", "aes-256-gcm"] as const)("encryption by %s", (streamCipher) => {
  it("is between the SDK and who has the key", async () => {
    const name = `official-${streamCipher}`;
    await root.basins.create({ basin: name, config: { streamCipher } });
    const { streams } = root.basin(name);
    expect((await streams.create({ stream: "s" })).cipher).toBe(streamCipher);
    const plain = root.basin(name).stream("s");
    const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
    const mine = plain.withEncryptionKey(key(1));
    const session = await mine.appendSession();
    await (await session.submit(records("secret", "x".repeat(20_000)))).ack();
    await session.close();
    expect(await bodiesOf(mine, 2)).toEqual(["secret", "x".repeat(20_000)]);
    await expect(plain.append(records("x"))).rejects.toMatchObject({
      status: 400,
      code: "bad_header",
    });
    await expect(bodiesOf(plain.withEncryptionKey(key(2)), 1)).rejects.toMatchObject({
      code: "decryption_failed",
    });
  });
});
