import { decodeReadBatch, systemRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Access, ROOT_ACCESS } from "../../src/backend/access/access.js";
import { AccessTokens } from "../../src/backend/access/access-tokens.js";
import { Catalog } from "../../src/backend/catalog/catalog.js";
import type { ServerSettings } from "../../src/index.js";
import { Sessions } from "../../src/session/sessions.js";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import { ackOf, inputFrame, openS2s, type S2sExchange } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "token-ends-basin";
const ROOT = { authorization: "Bearer root-token-of-tests" };
const ENDED = {
  kind: "terminal",
  status: 401,
  json: { code: "authn", message: "access token is revoked or expired" },
};

const open: { server: TestServer; clock: SimulatedClock | undefined }[] = [];
afterEach(async () => {
  for (const { server, clock } of open.splice(0)) {
    const closing = server.server.close();
    // A stop has times of its own.
    await clock?.advanceAsync(60_000);
    await closing;
  }
});

async function start(
  components: { clock?: SimulatedClock } = {},
  settings: ServerSettings = {},
): Promise<string> {
  const server = await startServer({ rootToken: "root-token-of-tests", ...settings }, components);
  open.push({ server, clock: components.clock });
  await call(server.url, "PUT", `/v1/basins/${basin}`, { headers: ROOT });
  await call(server.url, "PUT", "/v1/streams/s", { headers: ROOT, basin });
  return server.url;
}

async function issue(url: string, id: string, more: object = {}): Promise<Record<string, string>> {
  const scope = { basins: { exact: basin }, streams: { prefix: "" }, ops: ["append", "read"] };
  const answer = await call(url, "POST", "/v1/access-tokens", {
    headers: ROOT,
    json: { id, scope, ...more },
  });
  return { authorization: `Bearer ${answer.json.access_token}` };
}

function session(
  url: string,
  method: "GET" | "POST",
  headers: Record<string, string>,
): Promise<S2sExchange> {
  const path = `/v1/streams/s/records${method === "GET" ? "?seq_num=0" : ""}`;
  return openS2s(url, "h2", { method, path, basin, headers });
}

describe("a session whose token is revoked", () => {
  it("ends with 401 after what it had accepted is acknowledged; others go on", async () => {
    const url = await start();
    const going = await issue(url, "going");
    const staying = await issue(url, "staying");
    const writer = await session(url, "POST", going);
    const reader = await session(url, "GET", going);
    const other = await session(url, "POST", staying);
    writer.send(inputFrame(["a"]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(0);
    const revoked = await call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
    expect(revoked.status).toBe(204);
    expect((await writer.rest()).at(-1)).toMatchObject(ENDED);
    expect((await reader.rest()).at(-1)).toMatchObject(ENDED);
    expect((await session(url, "GET", going)).status).toBe(401);
    other.send(inputFrame(["b"]));
    expect(ackOf(await other.next()).start.seqNum).toBe(1);
    other.half();
    expect(await other.rest()).toEqual([]);
  });
});

describe("a session whose token expires", () => {
  const ISSUED_MS = Date.UTC(2026, 10, 28);
  const opened = async (
    clock: SimulatedClock,
    forMs: number,
  ): Promise<{ url: string; writer: S2sExchange; reader: S2sExchange }> => {
    const url = await start({ clock });
    const expiresAt = new Date(clock.now() + forMs).toISOString();
    const going = await issue(url, "short", { expires_at: expiresAt });
    const writer = await session(url, "POST", going);
    writer.send(inputFrame(["a"]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(0);
    const reader = await session(url, "GET", going);
    expect((await reader.next())?.kind).toBe("message");
    return { url, writer, reader };
  };

  it("ends with 401 in the very second of its time, and not before", async () => {
    const clock = createSimulatedClock(ISSUED_MS);
    const { writer, reader } = await opened(clock, 30_500);
    await clock.advanceAsync(30_499);
    writer.send(inputFrame(["b"]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(1);
    clock.advance(1);
    expect(await writer.rest()).toMatchObject([ENDED]);
    expect((await reader.rest()).at(-1)).toMatchObject(ENDED);
  });

  it("ends within a second of a clock that jumps beyond it", async () => {
    const clock = createSimulatedClock(ISSUED_MS);
    const { writer, reader } = await opened(clock, 3_600_000);
    clock.jump(3_600_000);
    await clock.advanceAsync(1000);
    expect(await writer.rest()).toMatchObject([ENDED]);
    expect((await reader.rest()).at(-1)).toMatchObject(ENDED);
  });

  it("gets no record that is appended after its end", async () => {
    const clock = createSimulatedClock(ISSUED_MS);
    const { url, reader } = await opened(clock, 2000);
    clock.advance(2000);
    await call(url, "POST", "/v1/streams/s/records", {
      headers: ROOT,
      basin,
      json: { records: [{ body: "after" }] },
    });
    const frames = await reader.rest();
    expect(frames.at(-1)).toMatchObject(ENDED);
    for (const frame of frames.slice(0, -1))
      expect(frame.kind === "message" && decodeReadBatch(frame.body).records).toEqual([]);
  });

  it("leaves no timer behind when the last such session is over", async () => {
    const clock = createSimulatedClock(ISSUED_MS);
    const url = await start({ clock });
    const before = clock.liveTimers.length;
    const expiresAt = new Date(clock.now() + 3_600_000).toISOString();
    const writer = await session(url, "POST", await issue(url, "t", { expires_at: expiresAt }));
    expect(clock.liveTimers.length).toBeGreaterThan(before);
    writer.half();
    await writer.rest();
    await expect.poll(() => clock.liveTimers.length).toBe(before);
  });
});

describe("the end of a token reaches", () => {
  it("a long poll, which then fails instead of waiting on", async () => {
    const url = await start();
    const headers = await issue(url, "going");
    const polling = call(url, "GET", "/v1/streams/s/records?seq_num=0&wait=60", { headers, basin });
    await expect.poll(() => sessionsOf(url)).toBe(1);
    await call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
    const { status, json } = await polling;
    expect([status, json.code]).toEqual([401, "authn"]);
  });

  it("an append that waits for its turn, which then never happens", async () => {
    const limits = { perStream: { appendBatchesPerSec: 1 } };
    const url = await start({}, { limits, appendInflightBytes: 1024 * 1024 });
    const going = await issue(url, "going");
    const writer = await session(url, "POST", going);
    for (let i = 0; i < 5; i++) writer.send(inputFrame([`${i}`]));
    expect(ackOf(await writer.next()).start.seqNum).toBe(0);
    await call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
    const frames = await writer.rest();
    expect(frames.at(-1)).toMatchObject(ENDED);
    const tail = await call(url, "GET", "/v1/streams/s/records/tail", { headers: ROOT, basin });
    expect(tail.json.tail.seq_num).toBe(frames.length);
  });

  it("a session although 10 000 other tokens were used since", async () => {
    const catalog = new Catalog(createMemoryStorage(), { lastPosition: 0 });
    const tokens = new AccessTokens({ catalog, random: systemRandom, now: () => 0 });
    const use = (id: string): Access => {
      const request = { id, scope: { ops: ["read"] as const } };
      return tokens.authenticate(`Bearer ${tokens.issue(ROOT_ACCESS, request)}`);
    };
    const going = use("going");
    const expiring = use("staying");
    for (let i = 0; i < 10_001; i++) use(`other-${i}`);
    tokens.revoke("going");
    expect([tokens.hasEnded(going), tokens.hasEnded(expiring)]).toEqual([true, false]);
    expect(() => tokens.requireInForce(going)).toThrow(/revoked or expired/);
    expect(tokens.hasEnded(ROOT_ACCESS)).toBe(false);
  });

  it("a session that opens in the very turn of a revocation", () => {
    const sessions = new Sessions();
    const catalog = new Catalog(createMemoryStorage(), { lastPosition: 0 });
    const tokens = new AccessTokens({ catalog, random: systemRandom, now: () => 0 });
    const desk = sessions.of(tokens, createSimulatedClock());
    const secret = tokens.issue(ROOT_ACCESS, { id: "going", scope: { ops: ["read"] } });
    const access = tokens.authenticate(`Bearer ${secret}`);
    tokens.revoke("going");
    // Of the same name, and another token.
    tokens.issue(ROOT_ACCESS, { id: "going", scope: { ops: ["read"] } });
    const ends: string[] = [];
    desk.add({ advise: () => {}, terminate: ({ code }) => ends.push(code) }, access, {
      kind: "read",
      protocol: "none",
    });
    expect(ends).toEqual(["authn"]);
  });
});

/** Reads and sessions that are open, as the server's page counts them. */
async function sessionsOf(url: string): Promise<number> {
  const { text } = await call(url, "GET", "/metrics");
  return Number(/^s2kit_sessions(?:_open)? (\d+)$/m.exec(text)?.[1]);
}
