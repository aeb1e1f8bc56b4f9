// What the suites of the hosted service assert beyond the rules of the protocol, which are in
// @s2kit/conformance: sizes, wordings and figures, under the numbers of their notes (35 to 42).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const ROOT = "root-token-of-tests";
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ auth: true, rootToken: ROOT });
});
afterAll(() => server.server.close());

interface Ask {
  readonly token?: string;
  readonly basin?: string;
  readonly json?: unknown;
}

function ask(
  method: string,
  path: string,
  { token = ROOT, basin, json }: Ask = {},
): Promise<Answer> {
  return call(server.url, method, `/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(basin === undefined ? {} : { basin }),
    ...(json === undefined ? {} : { json }),
  });
}

let tokens = 0;

async function issue(scope: object, more: object = {}, token = ROOT): Promise<string> {
  const json = { id: `suite-${tokens++}`, scope, ...more };
  const answer = await ask("POST", "/access-tokens", { token, json });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.access_token;
}

async function makeBasin(name: string, config: object = {}): Promise<void> {
  const answer = await ask("POST", "/basins", { json: { basin: name, config } });
  expect(answer.status, answer.text).toBe(201);
}

const FORBIDDEN = { status: 403, json: { code: "permission_denied" } };
const INVALID = { status: 422, json: { code: "invalid" } };

describe("35: an account with many streams", () => {
  const basin = "suite-many-streams";
  const COUNT = 5000;
  const nameOf = (index: number): string => String(index).padStart(4, "0");

  beforeAll(async () => {
    await makeBasin(basin, {
      default_stream_config: {
        retention_policy: { age: 3600 },
        delete_on_empty: { min_age_secs: 60 },
      },
    });
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < COUNT) {
        const json = { stream: `test/${nameOf(next++)}` };
        const { status } = await ask("POST", "/streams", { basin, json });
        if (status !== 201) throw new Error(`create answered ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
  }, 60_000);

  async function listAll(token: string, prefix: string): Promise<string[]> {
    const names: string[] = [];
    for (let hasMore = true; hasMore; ) {
      const query = new URLSearchParams({ prefix, start_after: names.at(-1) ?? "" });
      const { json } = await ask("GET", `/streams?${query.toString()}`, { token, basin });
      names.push(...json.streams.map(({ name }: { name: string }) => name));
      hasMore = json.has_more;
    }
    return names;
  }

  it("echoes what was set, and the storage class that was not", async () => {
    const { json } = await ask("GET", `/basins/${basin}`);
    expect(json.default_stream_config).toMatchObject({
      storage_class: "express",
      retention_policy: { age: 3600 },
      delete_on_empty: { min_age_secs: 60 },
    });
    const stream = await ask("GET", "/streams/test%2F0042", { basin });
    expect(stream.json).toMatchObject({
      storage_class: "express",
      retention_policy: { age: 3600 },
      delete_on_empty: { min_age_secs: 60 },
    });
  });

  it("pages through all of them in order", async () => {
    const names = await listAll(ROOT, "test/");
    expect(names).toEqual(Array.from({ length: COUNT }, (_, index) => `test/${nameOf(index)}`));
  });

  it("shows a token with an auto prefix the same ones without it, to read and not to append", async () => {
    const json = { records: [{ body: "hello" }] };
    expect((await ask("POST", "/streams/test%2F0007/records", { basin, json })).status).toBe(200);
    const token = await issue(
      {
        basins: { prefix: "suite-many" },
        streams: { prefix: "test/" },
        op_groups: { account: { read: true }, basin: { read: true }, stream: { read: true } },
      },
      { auto_prefix_streams: true, expires_at: IN_AN_HOUR },
    );
    const names = await listAll(token, "");
    expect(names).toEqual(Array.from({ length: COUNT }, (_, index) => nameOf(index)));
    const read = await ask("GET", "/streams/0007/records?seq_num=0", { token, basin });
    expect(read.json.records[0].body).toBe("hello");
    expect(await ask("POST", "/streams/0007/records", { token, basin, json })).toMatchObject(
      FORBIDDEN,
    );
  });
});

describe("36: auto prefix", () => {
  it("reaches metrics of the stream that is meant", async () => {
    const basin = "suite-auto-prefix";
    await makeBasin(basin);
    await ask("PUT", "/streams/a%2Fs", { basin });
    const json = { records: [{ body: "xx" }] };
    await ask("POST", "/streams/a%2Fs/records", { basin, json });
    const token = await issue(
      { basins: { exact: basin }, streams: { prefix: "a/" }, ops: ["stream-metrics"] },
      { auto_prefix_streams: true },
    );
    const end = Math.floor(Date.now() / 1000) + 50;
    const path = `/metrics/${basin}/s?set=storage&start=${end - 3600}&end=${end}`;
    const { json: metrics } = await ask("GET", path, { token });
    expect(metrics.values[0].gauge.values.at(-1)[1]).toBe(10);
  });
});

describe("37: tokens", () => {
  it("with auto prefix but no prefix are refused with 422", async () => {
    for (const streams of [{ exact: "s" }, { prefix: "" }, { exact: "" }, null]) {
      const json = {
        id: "suite-bad",
        auto_prefix_streams: true,
        scope: { ops: ["read"], streams },
      };
      const answer = await ask("POST", "/access-tokens", { json });
      expect(answer).toMatchObject(INVALID);
      expect(answer.json.message).toBe(
        "Auto prefixing is only allowed for streams with prefix matching",
      );
    }
  });
});

describe("38: what the Rust suite asserts", () => {
  it.each([
    ["no operations", {}],
    ["an empty list", { ops: [] }],
    ["empty groups", { op_groups: { account: {}, basin: { read: false }, stream: null } }],
  ])("a token with %s is refused with the exact message", async (_, scope) => {
    const answer = await ask("POST", "/access-tokens", { json: { id: "suite-empty", scope } });
    expect(answer).toMatchObject(INVALID);
    expect(answer.json.message).toBe("Access token permissions cannot be empty");
  });
});

describe("40: metrics with tokens", () => {
  it("show account operations at once", async () => {
    await ask("GET", "/basins");
    const end = Math.floor(Date.now() / 1000) + 50;
    const { json } = await ask(
      "GET",
      `/metrics?set=account-ops&interval=minute&start=${end - 3600}&end=${end}`,
    );
    const series = json.values.map((value: { accumulation: object }) => value.accumulation);
    expect(series).toContainEqual(
      expect.objectContaining({ name: "list_basins", unit: "operations", interval: "minute" }),
    );
  });
});

describe("42: an invalid token", () => {
  it("is answered with 401, whatever it asks", async () => {
    for (const token of ["garbage", "s2kit_AAAA", `${ROOT}2`, ROOT.slice(0, -1)])
      expect(await ask("GET", "/basins", { token })).toMatchObject({
        status: 401,
        json: { code: "authn" },
      });
    const none = await call(server.url, "GET", "/v1/basins");
    expect(none.status).toBe(401);
    expect(none.headers.get("www-authenticate")).toBe("Bearer");
  });
});
