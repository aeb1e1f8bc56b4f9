// What the suites of the hosted service assert about tokens, metrics and locations, over real HTTP:
// notes 35 to 42 of the control plane's conformance notes, each under its number.

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
  const basin = "suite-auto-prefix";
  beforeAll(() => makeBasin(basin));

  const tenant = (prefix: string): Promise<string> =>
    issue(
      {
        basins: { exact: basin },
        streams: { prefix },
        op_groups: {
          basin: { read: true, write: true },
          stream: { read: true, write: true },
        },
      },
      { auto_prefix_streams: true },
    );

  it("keeps two tenants apart, and lets the root token see both", async () => {
    for (const prefix of ["a/", "b/"]) {
      const token = await tenant(prefix);
      const made = await ask("POST", "/streams", { token, basin, json: { stream: "s" } });
      expect(made).toMatchObject({ status: 201, json: { name: "s" } });
      const ensured = await ask("PUT", "/streams/s", { token, basin });
      expect(ensured).toMatchObject({ status: 200, json: { name: "s" } });
      const json = { records: [{ body: prefix }] };
      expect((await ask("POST", "/streams/s/records", { token, basin, json })).status).toBe(200);
      const list = await ask("GET", "/streams", { token, basin });
      expect(list.json.streams.map(({ name }: { name: string }) => name)).toEqual(["s"]);
    }
    const all = await ask("GET", "/streams", { basin });
    expect(all.json.streams.map(({ name }: { name: string }) => name)).toEqual(["a/s", "b/s"]);
    const read = await ask("GET", "/streams/b%2Fs/records?seq_num=0", { basin });
    expect(read.json.records[0].body).toBe("b/");
  });

  it("moves cursors both ways, leaves out the stream named like the prefix, and counts only visible ones", async () => {
    const token = await tenant("p");
    for (const stream of ["p", "p1", "p2", "p3", "q"])
      await ask("PUT", `/streams/${stream}`, { basin });
    const page = async (query: string): Promise<unknown> => {
      const { json } = await ask("GET", `/streams?${query}`, { token, basin });
      return [json.streams.map(({ name }: { name: string }) => name), json.has_more];
    };
    expect(await page("limit=2")).toEqual([["1", "2"], true]);
    expect(await page("limit=2&start_after=2")).toEqual([["3"], false]);
    expect(await page("prefix=2")).toEqual([["2"], false]);
    expect(await page("start_after=9")).toEqual([[], false]);
  });

  it("shows the name without the prefix in errors, and measures it with the prefix", async () => {
    const token = await tenant("hidden-tenant/");
    const missing = await ask("GET", "/streams/none", { token, basin });
    expect(missing).toMatchObject({ status: 404, json: { code: "stream_not_found" } });
    expect(missing.json.message).toBe(`stream \`none\` in basin \`${basin}\` not found`);
    await ask("POST", "/streams", { token, basin, json: { stream: "s" } });
    const again = await ask("POST", "/streams", { token, basin, json: { stream: "s" } });
    expect(again).toMatchObject({ status: 409, json: { code: "resource_already_exists" } });
    expect(again.text).not.toContain("hidden-tenant");
    const long = "x".repeat(512 - "hidden-tenant/".length + 1);
    const tooLong = await ask("POST", "/streams", { token, basin, json: { stream: long } });
    expect(tooLong).toMatchObject({ status: 400, json: { code: "bad_json" } });
    const cursor = await ask("GET", `/streams?start_after=${long}`, { token, basin });
    expect(cursor).toMatchObject({ status: 400, json: { code: "bad_query" } });
  });

  it("reaches metrics of the stream that is meant", async () => {
    const token = await issue(
      { basins: { exact: basin }, streams: { prefix: "a/" }, ops: ["stream-metrics"] },
      { auto_prefix_streams: true },
    );
    const end = Math.floor(Date.now() / 1000) + 50;
    const path = `/metrics/${basin}/s?set=storage&start=${end - 3600}&end=${end}`;
    const { json } = await ask("GET", path, { token });
    expect(json.values[0].gauge.values.at(-1)[1]).toBe(10);
  });
});

describe("37: tokens", () => {
  beforeAll(async () => {
    await makeBasin("suite-tokens-one");
    await makeBasin("suite-tokens-two");
    for (const basin of ["suite-tokens-one", "suite-tokens-two"])
      await ask("PUT", "/streams/s", { basin });
  });

  it("with a taken id are refused with 409", async () => {
    const json = { id: "suite-taken", scope: { ops: ["read"] } };
    expect((await ask("POST", "/access-tokens", { json })).status).toBe(201);
    expect(await ask("POST", "/access-tokens", { json })).toMatchObject({
      status: 409,
      json: { code: "resource_already_exists" },
    });
  });

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

  it("are revoked with 204 and an empty body, and unknown ones with 404", async () => {
    const json = {
      id: "suite-short-lived",
      scope: { ops: ["list-basins"], basins: { prefix: "" } },
    };
    const token = (await ask("POST", "/access-tokens", { json })).json.access_token;
    expect((await ask("GET", "/basins", { token })).status).toBe(200);
    const revoked = await ask("DELETE", "/access-tokens/suite-short-lived");
    expect(revoked).toMatchObject({ status: 204, text: "" });
    expect(revoked.headers.get("content-type")).toBeNull();
    expect(await ask("GET", "/basins", { token })).toMatchObject({ status: 401 });
    for (const id of ["suite-short-lived", "suite-never-was"])
      expect(await ask("DELETE", `/access-tokens/${id}`)).toMatchObject({
        status: 404,
        json: { code: "access_token_not_found" },
      });
  });

  it("reach no basin but theirs, not even to learn whether it exists", async () => {
    const token = await issue({
      basins: { exact: "suite-tokens-one" },
      streams: { prefix: "" },
      op_groups: { basin: { read: true, write: true }, stream: { read: true, write: true } },
    });
    expect((await ask("GET", "/streams", { token, basin: "suite-tokens-one" })).status).toBe(200);
    const json = { records: [{ body: "x" }] };
    for (const basin of ["suite-tokens-two", "suite-tokens-none"]) {
      const answers = [
        await ask("GET", "/streams", { token, basin }),
        await ask("GET", "/streams/s/records?seq_num=0", { token, basin }),
        await ask("POST", "/streams/s/records", { token, basin, json }),
        await ask("GET", `/basins/${basin}`, { token }),
      ];
      for (const answer of answers) expect(answer).toMatchObject(FORBIDDEN);
    }
    expect(await ask("GET", "/basins", { token })).toMatchObject(FORBIDDEN);
  });

  it("create basins inside their prefix and none outside", async () => {
    const token = await issue({ basins: { prefix: "suite-mine-" }, ops: ["create-basin"] });
    const create = (basin: string): Promise<Answer> =>
      ask("POST", "/basins", { token, json: { basin } });
    expect((await create("suite-mine-1")).status).toBe(201);
    expect(await create("suite-other-1")).toMatchObject(FORBIDDEN);
    expect(await create("suite-tokens-one")).toMatchObject(FORBIDDEN);
  });

  it("list only what they may see", async () => {
    const token = await issue({ basins: { prefix: "suite-tokens-" }, ops: ["list-basins"] });
    const { json } = await ask("GET", "/basins?limit=1", { token });
    expect(json.basins.map(({ name }: { name: string }) => name)).toEqual(["suite-tokens-one"]);
    expect(json.has_more).toBe(true);
    const rest = await ask("GET", "/basins?limit=1&start_after=suite-tokens-one", { token });
    expect(rest.json).toMatchObject({ basins: [{ name: "suite-tokens-two" }], has_more: false });
  });

  it("give no more than they have", async () => {
    const token = await issue({
      access_tokens: { prefix: "child-" },
      basins: { prefix: "suite-" },
      ops: ["issue-access-token", "read"],
    });
    const child = (id: string, scope: object): Promise<Answer> =>
      ask("POST", "/access-tokens", { token, json: { id, scope } });
    expect((await child("child-1", { ops: ["read"], basins: { prefix: "suite-t" } })).status).toBe(
      201,
    );
    expect(await child("child-2", { ops: ["append"] })).toMatchObject(FORBIDDEN);
    expect(await child("child-3", { ops: ["read"], basins: { prefix: "" } })).toMatchObject(
      FORBIDDEN,
    );
    expect(await child("other-4", { ops: ["read"] })).toMatchObject(FORBIDDEN);
    expect(await ask("DELETE", "/access-tokens/child-1", { token })).toMatchObject(FORBIDDEN);
  });

  it.each(["", "x".repeat(97), ".", "..", "a\0b"])("with the id %j are refused", async (id) => {
    const answer = await ask("POST", "/access-tokens", { json: { id, scope: { ops: ["read"] } } });
    expect(answer).toMatchObject({ status: 400, json: { code: "bad_json" } });
  });

  it("fence and trim only when they may", async () => {
    const basin = "suite-tokens-one";
    const token = await issue({
      basins: { exact: basin },
      streams: { exact: "s" },
      ops: ["append"],
    });
    const append = (headers: unknown): Promise<Answer> =>
      ask("POST", "/streams/s/records", {
        token,
        basin,
        json: { records: [{ body: "x" }, { headers, body: "" }] },
      });
    expect((await append([["a", "b"]])).status).toBe(200);
    expect(await append([["", "fence"]])).toMatchObject(FORBIDDEN);
    const fencer = await issue({
      basins: { exact: basin },
      streams: { exact: "s" },
      ops: ["fence"],
    });
    const json = { records: [{ headers: [["", "fence"]], body: "" }] };
    expect((await ask("POST", "/streams/s/records", { token: fencer, basin, json })).status).toBe(
      200,
    );
    const plain = { records: [{ body: "x" }] };
    const refused = await ask("POST", "/streams/s/records", { token: fencer, basin, json: plain });
    expect(refused).toMatchObject(FORBIDDEN);
    const tail = await ask("GET", "/streams/s/records/tail", { basin });
    expect(tail.json.tail.seq_num).toBe(3);
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

  it("a token is in the next list with every digit of its expiry, and gone after its end", async () => {
    const expiresAt = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}.123456789Z`;
    await issue({ ops: ["read"] }, { id: "suite-listed", expires_at: expiresAt });
    await issue({ ops: ["read"] }, { id: "suite-listed-2" });
    const list = (query: string): Promise<Answer> => ask("GET", `/access-tokens?${query}`);
    const one = await list("prefix=suite-listed&limit=1");
    expect(one.json.has_more).toBe(true);
    expect(one.json.access_tokens).toEqual([
      {
        id: "suite-listed",
        expires_at: expiresAt,
        auto_prefix_streams: false,
        scope: {
          basins: null,
          streams: null,
          access_tokens: null,
          op_groups: {
            account: { read: false, write: false },
            basin: { read: false, write: false },
            stream: { read: false, write: false },
          },
          ops: ["read"],
        },
      },
    ]);
    await ask("DELETE", "/access-tokens/suite-listed");
    const after = await list("prefix=suite-listed");
    expect(after.json.access_tokens.map(({ id }: { id: string }) => id)).toEqual([
      "suite-listed-2",
    ]);
  });

  it("an expiry in the past, or beyond the issuer's, is refused", async () => {
    const past = { id: "suite-past", expires_at: "2020-01-01T00:00:00Z", scope: { ops: ["read"] } };
    expect(await ask("POST", "/access-tokens", { json: past })).toMatchObject(INVALID);
    const token = await issue(
      { access_tokens: { prefix: "" }, ops: ["issue-access-token"] },
      { expires_at: IN_AN_HOUR },
    );
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const scope = { ops: ["issue-access-token"] };
    const longer = { id: "suite-longer", expires_at: later, scope };
    expect(await ask("POST", "/access-tokens", { token, json: longer })).toMatchObject(INVALID);
    await issue(scope, { id: "suite-heir" }, token);
    const heir = await ask("GET", "/access-tokens?prefix=suite-heir");
    expect(heir.json.access_tokens[0].expires_at).toBe(IN_AN_HOUR);
  });
});

describe("39: what the Python suite asserts", () => {
  it("a token for streams alone comes back with its streams", async () => {
    await issue(
      { streams: { prefix: "logs/" }, ops: ["read", "append"] },
      { id: "suite-streams-only" },
    );
    const { json } = await ask("GET", "/access-tokens?prefix=suite-streams-only");
    expect(json.access_tokens[0].scope).toMatchObject({
      streams: { prefix: "logs/" },
      basins: null,
      ops: ["read", "append"],
    });
  });
});

describe("40: metrics with tokens", () => {
  it("answer the permitted level and no other, and name no basin out of scope", async () => {
    await makeBasin("suite-metrics-seen");
    await makeBasin("suite-metrics-other");
    for (const basin of ["suite-metrics-seen", "suite-metrics-other"])
      await ask("PUT", "/streams/s", { basin });
    const token = await issue({
      basins: { exact: "suite-metrics-seen" },
      ops: ["account-metrics", "basin-metrics"],
    });
    const end = Math.floor(Date.now() / 1000) + 50;
    const range = `start=${end - 7200}&end=${end}`;
    const active = await ask("GET", `/metrics?set=active-basins&${range}`, { token });
    expect(active.json.values[0].label.values).toEqual(["suite-metrics-seen"]);
    const basinPath = (basin: string): string => `/metrics/${basin}?set=basin-ops&${range}`;
    expect((await ask("GET", basinPath("suite-metrics-seen"), { token })).status).toBe(200);
    expect(await ask("GET", basinPath("suite-metrics-other"), { token })).toMatchObject(FORBIDDEN);
    expect(await ask("GET", basinPath("suite-metrics-none"), { token })).toMatchObject(FORBIDDEN);
    const stream = `/metrics/suite-metrics-seen/s?set=storage&${range}`;
    expect(await ask("GET", stream, { token })).toMatchObject(FORBIDDEN);
  });

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

describe("41: locations", () => {
  it("can be set, read back and restored", async () => {
    const before = (await ask("GET", "/locations/default")).json;
    const list = (await ask("GET", "/locations")).json;
    expect(list).toContainEqual(before);
    for (const { name } of [...list, before]) {
      expect(await ask("PUT", "/locations/default", { json: name })).toMatchObject({
        status: 200,
        json: { name, is_private: false },
      });
      expect((await ask("GET", "/locations/default")).json.name).toBe(name);
    }
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
