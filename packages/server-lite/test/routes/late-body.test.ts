// A body that comes late: the token that opened the request may have ended meanwhile. Every route
// that reads a body asks again when it is whole.

import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { ROUTES, type RouteName } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it, test } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "late-body-basin";
const ROOT = { authorization: "Bearer root-token-of-tests" };

let running: TestServer | undefined;
afterEach(async () => {
  await running?.server.close();
  running = undefined;
});

async function start(clock?: SimulatedClock): Promise<string> {
  running = await startServer(
    { rootToken: "root-token-of-tests" },
    clock === undefined ? {} : { clock },
  );
  const { url } = running;
  await call(url, "PUT", `/v1/basins/${BASIN}`, { headers: ROOT });
  await call(url, "PUT", "/v1/streams/s", { headers: ROOT, basin: BASIN });
  return url;
}

const EVERYTHING = {
  basins: { prefix: "" },
  streams: { prefix: "" },
  access_tokens: { prefix: "" },
  op_groups: {
    account: { read: true, write: true },
    basin: { read: true, write: true },
    stream: { read: true, write: true },
  },
};

async function issue(url: string, id: string, more: object = {}): Promise<string> {
  const json = { id, scope: EVERYTHING, ...more };
  const answer = await call(url, "POST", "/v1/access-tokens", { headers: ROOT, json });
  return String(answer.json.access_token);
}

interface LateRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

/** Sends head and half of the body, waits for the server to have it, acts, and sends the rest. */
async function late(
  url: string,
  token: string,
  { method, path, body, headers }: LateRequest,
  meanwhile: () => Promise<unknown>,
): Promise<{ status: number; text: string }> {
  const bytes = Buffer.from(body);
  const sent = request(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "s2-basin": BASIN,
      "content-type": "application/json",
      "content-length": bytes.length,
      expect: "100-continue",
      ...headers,
    },
  });
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.on("error", reject).on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
  // The server asks for the body when the head has passed every check.
  await Promise.race([new Promise((resolve) => sent.once("continue", resolve)), answered]);
  sent.write(bytes.subarray(0, 1));
  await meanwhile();
  sent.end(bytes.subarray(1));
  return answered;
}

const json = (value: unknown): string => JSON.stringify(value);
const records = json({ records: [{ body: "late" }] });

const REQUESTS: Partial<Record<RouteName, LateRequest>> = {
  "create-basin": { method: "POST", path: "/v1/basins", body: json({ basin: "made-too-late" }) },
  "ensure-basin": { method: "PUT", path: "/v1/basins/made-too-late", body: "{}" },
  "reconfigure-basin": {
    method: "PATCH",
    path: `/v1/basins/${BASIN}`,
    body: json({ create_stream_on_append: true }),
  },
  "issue-access-token": {
    method: "POST",
    path: "/v1/access-tokens",
    body: json({ id: "successor", scope: EVERYTHING }),
  },
  "set-default-location": {
    method: "PUT",
    path: "/v1/locations/default",
    body: json("aws:us-east-1"),
  },
  "create-stream": { method: "POST", path: "/v1/streams", body: json({ stream: "late" }) },
  "ensure-stream": { method: "PUT", path: "/v1/streams/late", body: "{}" },
  "reconfigure-stream": {
    method: "PATCH",
    path: "/v1/streams/s",
    body: json({ retention_policy: { age: 60 } }),
  },
  append: { method: "POST", path: "/v1/streams/s/records", body: records },
  "issue-read-ticket": {
    method: "POST",
    path: "/v1/streams/s/tickets",
    body: json({ expires_in_secs: 60 }),
  },
  "otlp-logs": otlp("logs", "Logs", "logRecords"),
  "otlp-metrics": otlp("metrics", "Metrics", "metrics"),
  "otlp-traces": otlp("traces", "Spans", "spans"),
};

function otlp(signal: string, of: string, items: string): LateRequest {
  const attributes = [{ key: "s2.stream", value: { stringValue: "s" } }];
  const group = { resource: { attributes }, [`scope${of}`]: [{ [items]: [{}] }] };
  return { method: "POST", path: `/otlp/v1/${signal}`, body: json({ [`resource${of}`]: [group] }) };
}

describe("a token that is revoked between head and body", () => {
  it.each(Object.entries(REQUESTS))("changes nothing by %s", async (_, asked) => {
    const url = await start();
    const token = await issue(url, "going");
    const before = await stateOf(url);
    const answer = await late(url, token, asked, () =>
      call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT }),
    );
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, "authn"]);
    expect(await stateOf(url)).toEqual({ ...before, tokens: [] });
  });

  it.each(Object.entries(REQUESTS))("is what stops %s", async (_, asked) => {
    const url = await start();
    const token = await issue(url, "staying");
    const answer = await late(url, token, asked, () => Promise.resolve());
    expect(answer.status).toBeLessThan(300);
  });

  test("the list above has every route that takes a body", () => {
    const withBody = Object.entries(ROUTES)
      .filter(([, { method }]) => method !== "GET" && method !== "DELETE")
      .map(([name]) => name);
    expect(Object.keys(REQUESTS).sort()).toEqual(withBody.sort());
  });

  it.each<[string, Record<string, string>, string | Uint8Array]>([
    ["protobuf", { "content-type": "application/protobuf" }, Uint8Array.of(0x0a, 3, 0x1a, 1, 0x61)],
    ["compressed", { "content-encoding": "gzip" }, gzipSync(records)],
    ["long", {}, json({ records: [{ body: "x".repeat(500_000) }], pad: "y".repeat(500_000) })],
  ])("appends nothing that is %s", async (_, headers, body) => {
    const url = await start();
    const token = await issue(url, "going");
    const asked = { method: "POST", path: "/v1/streams/s/records", body, headers };
    const answer = await late(url, token, asked, () =>
      call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT }),
    );
    expect(answer.status).toBe(401);
    expect((await stateOf(url)).tail).toEqual({ seq_num: 0, timestamp: 0 });
  });
});

describe("a token that expires between head and body", () => {
  it("issues no successor", async () => {
    const clock = createSimulatedClock(Date.UTC(2026, 10, 28));
    const url = await start(clock);
    const expiresAt = new Date(clock.now() + 10_000).toISOString();
    const token = await issue(url, "short", { expires_at: expiresAt });
    const asked = REQUESTS["create-stream"] as LateRequest;
    const answer = await late(url, token, asked, async () => clock.advance(10_000));
    expect(answer.status).toBe(401);
  });
});

async function stateOf(
  url: string,
): Promise<{ tail: unknown; tokens: unknown; resources: unknown }> {
  const get = async (path: string): Promise<unknown> =>
    (await call(url, "GET", path, { headers: ROOT, basin: BASIN })).json;
  return {
    tail: ((await get("/v1/streams/s/records/tail")) as { tail: unknown }).tail,
    tokens: ((await get("/v1/access-tokens")) as { access_tokens: { id: string }[] }).access_tokens
      .map(({ id }) => id)
      .filter((id) => id !== "going"),
    resources: {
      basins: await get("/v1/basins"),
      config: await get(`/v1/basins/${BASIN}`),
      streams: await get("/v1/streams"),
      stream: await get("/v1/streams/s"),
      location: await get("/v1/locations/default"),
    },
  };
}
