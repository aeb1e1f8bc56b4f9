// Read tickets over real sockets: what they open, what they do not, and when they end.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import type { ServerComponents, ServerSettings } from "../../src/index.js";
import { type Answer, call, startServer, type TestServer } from "../support/test-server.js";

const basin = "tickets-basin";
const ROOT = { authorization: "Bearer root-token-of-tests" };
const ENDED = '"code":"authn"';
const NOW = Date.UTC(2026, 10, 29);

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
  components: ServerComponents & { clock?: SimulatedClock } = {},
  settings: ServerSettings = {},
): Promise<string> {
  const server = await startServer({ rootToken: "root-token-of-tests", ...settings }, components);
  open.push({ server, clock: components.clock });
  await call(server.url, "PUT", `/v1/basins/${basin}`, { headers: ROOT });
  for (const stream of ["s", "t", "mine%2Fs"])
    await call(server.url, "PUT", `/v1/streams/${stream}`, { headers: ROOT, basin });
  return server.url;
}

async function tokenOf(url: string, id: string, more: object = {}): Promise<typeof ROOT> {
  const scope = { basins: { exact: basin }, streams: { prefix: "" }, ops: ["read"] };
  const json = { id, scope, ...more };
  const answer = await call(url, "POST", "/v1/access-tokens", { headers: ROOT, json });
  return { authorization: `Bearer ${answer.json.access_token}` };
}

async function ticketOf(
  url: string,
  headers: Record<string, string> = ROOT,
  json?: object,
): Promise<string> {
  const answer = await call(url, "POST", "/v1/streams/s/tickets", {
    headers,
    basin,
    ...(json === undefined ? {} : { json }),
  });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.ticket;
}

const EVENTS = { accept: "text/event-stream" };

function read(url: string, ticket: string, more = "", stream = "s"): Promise<Answer> {
  const query = new URLSearchParams({ basin, ticket, seq_num: "0", wait: "0" });
  return call(url, "GET", `/v1/streams/${stream}/records?${query.toString()}${more}`, {
    headers: EVENTS,
  });
}

/** Follows the stream by a ticket: all that came when it ends. */
async function follow(url: string, ticket: string): Promise<{ ended: Promise<string> }> {
  const query = new URLSearchParams({ basin, ticket, seq_num: "0" });
  const response = await fetch(`${url}/v1/streams/s/records?${query.toString()}`, {
    headers: EVENTS,
  });
  expect(response.status).toBe(200);
  return { ended: response.text() };
}

describe("a read ticket", () => {
  it("opens its stream for events, as often as wanted, without any header", async () => {
    const url = await start();
    const records = { records: [{ body: "hello" }] };
    await call(url, "POST", "/v1/streams/s/records", { headers: ROOT, basin, json: records });
    const ticket = await ticketOf(url, await tokenOf(url, "reader"));
    for (let again = 0; again < 3; again++) {
      const answer = await read(url, ticket);
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining("hello")]);
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("cache-control")).toContain("no-store");
    }
  });

  it("opens nothing else", async () => {
    const url = await start();
    const ticket = await ticketOf(url);
    expect((await read(url, ticket, "", "t")).json).toMatchObject({ code: "permission_denied" });
    const others: readonly (readonly [string, string, Record<string, string>])[] = [
      ["GET", "/v1/streams/s/records?seq_num=0&wait=0", {}],
      ["GET", "/v1/streams/s/records?seq_num=0", { "content-type": "s2s/proto", ...EVENTS }],
      ["GET", "/v1/streams/s/records/tail?", EVENTS],
      ["GET", "/v1/streams/s?", EVENTS],
      ["POST", "/v1/streams/s/records?", EVENTS],
      ["POST", "/v1/streams/s/tickets?", EVENTS],
      ["GET", "/v1/basins?", EVENTS],
    ];
    for (const [method, path, headers] of others) {
      const answer = await call(url, method, `${path}&ticket=${ticket}`, { basin, headers });
      expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([401, "authn"]);
    }
    const asToken = await read(url, "", "");
    expect(asToken.status).toBe(401);
    const headers = { authorization: `Bearer ${ticket}` };
    expect((await call(url, "GET", "/v1/basins", { headers })).status).toBe(401);
  });

  it("is nothing once a letter of it is changed", async () => {
    const url = await start();
    const ticket = await ticketOf(url);
    for (const at of [2, 6, 30, 60, 90, ticket.length - 3]) {
      const other = ticket[at] === "A" ? "B" : "A";
      const forged = ticket.slice(0, at) + other + ticket.slice(at + 1);
      expect((await read(url, forged)).status, `letter ${at}`).toBe(401);
    }
    for (const odd of [
      "x",
      "s2kt_",
      `${ticket}AAAA`,
      ticket.slice(0, 40),
      `s2kt_${"A".repeat(9000)}`,
    ])
      expect((await read(url, odd)).status).toBe(401);
    expect((await read(url, ticket, `&ticket=${ticket}`)).status).toBe(401);
    expect((await read(url, ticket)).status).toBe(200);
  });

  it("tells nothing of the token, the account or the stream", async () => {
    const url = await start();
    const ticket = await ticketOf(url, await tokenOf(url, "token-with-a-name"));
    const bytes = Buffer.from(ticket.slice("s2kt_".length), "base64url").toString("latin1");
    expect(bytes).not.toMatch(/token-with-a-name|tickets-basin/);
    expect(await ticketOf(url)).not.toBe(await ticketOf(url));
  });

  it("calls the stream what its token calls it", async () => {
    const url = await start();
    const scope = { basins: { exact: basin }, streams: { prefix: "mine/" }, ops: ["read"] };
    const ticket = await ticketOf(
      url,
      await tokenOf(url, "prefixed", { scope, auto_prefix_streams: true }),
    );
    expect((await read(url, ticket)).status).toBe(200);
    expect((await read(url, ticket, "", "mine%2Fs")).status).toBe(403);
  });

  it("is given for whole seconds from 1 to 600", async () => {
    const url = await start({ clock: createSimulatedClock(NOW) });
    const ask = (json: unknown): Promise<Answer> =>
      call(url, "POST", "/v1/streams/s/tickets", { headers: ROOT, basin, json });
    const lives = [{ expires_in_secs: 1 }, { expires_in_secs: 600 }, {}, null];
    const ends = [1, 600, 600, 600].map((secs) => new Date(NOW + secs * 1000).toISOString());
    for (const [index, json] of lives.entries())
      expect((await ask(json)).json.expires_at).toBe(ends[index]);
    for (const secs of [0, 601, 2 ** 40])
      expect((await ask({ expires_in_secs: secs })).json.code).toBe("invalid");
    for (const secs of [-1, 1.5, "1", true])
      expect((await ask({ expires_in_secs: secs })).json.code).toBe("bad_json");
  });

  it("is ignored where no token is asked for", async () => {
    const url = await start({}, { auth: false, rootToken: undefined });
    expect((await read(url, await ticketOf(url))).status).toBe(200);
    expect((await read(url, "whatever")).status).toBe(200);
  });
});

describe("the end of a ticket", () => {
  it("is its very millisecond, also for what is open, and for a ticket of the root token", async () => {
    for (const issuer of ["root", "child"]) {
      const clock = createSimulatedClock(NOW);
      const url = await start({ clock });
      const headers = issuer === "root" ? ROOT : await tokenOf(url, "child");
      const ticket = await ticketOf(url, headers, { expires_in_secs: 30 });
      let isOver = false;
      const { ended } = await follow(url, ticket);
      void ended.then(() => (isOver = true));
      await clock.advanceAsync(29_999);
      expect((await read(url, ticket)).status).toBe(200);
      expect(isOver, issuer).toBe(false);
      await clock.advanceAsync(1);
      expect((await read(url, ticket)).json.code).toBe("authn");
      expect(await ended, issuer).toContain(ENDED);
    }
  });

  it("is never later than that of its token", async () => {
    const clock = createSimulatedClock(NOW);
    const url = await start({ clock });
    const expiresAt = new Date(NOW + 5000).toISOString();
    const headers = await tokenOf(url, "short", { expires_at: expiresAt });
    const path = "/v1/streams/s/tickets";
    const { json } = await call(url, "POST", path, { headers, basin });
    expect(json.expires_at).toBe(expiresAt);
    const { ended } = await follow(url, json.ticket);
    await clock.advanceAsync(5000);
    expect((await read(url, json.ticket)).status).toBe(401);
    expect(await ended).toContain(ENDED);
  });

  it("comes at once when its token is revoked, and a token of the same name brings none back", async () => {
    const url = await start();
    const ticket = await ticketOf(url, await tokenOf(url, "going"));
    const other = await ticketOf(url, await tokenOf(url, "staying"));
    const { ended } = await follow(url, ticket);
    await call(url, "DELETE", "/v1/access-tokens/going", { headers: ROOT });
    expect(await ended).toContain(ENDED);
    expect((await read(url, ticket)).status).toBe(401);
    await tokenOf(url, "going");
    expect((await read(url, ticket)).status).toBe(401);
    expect((await read(url, other)).status).toBe(200);
  });

  it("is not a restart, but another root token", async () => {
    const directory = mkdtempSync(join(tmpdir(), "s2kit-tickets-"));
    const storage = { kind: "disk", directory } as const;
    const tickets: string[] = [];
    for (const [rootToken, status] of [
      ["root-token-of-tests", 200],
      ["root-token-of-tests", 200],
      ["another-root-token", 401],
    ] as const) {
      const url = await start({}, { rootToken, storage });
      if (tickets.length === 0)
        tickets.push(await ticketOf(url), await ticketOf(url, await tokenOf(url, "child")));
      for (const ticket of tickets) expect((await read(url, ticket)).status).toBe(status);
      await open.pop()?.server.server.close();
    }
    rmSync(directory, { recursive: true, force: true });
  });
});

describe("the log of requests", () => {
  it("never has a ticket in it, let in or refused", async () => {
    const lines: string[] = [];
    const note = (fields: object, message: string): void =>
      void lines.push(`${message} ${JSON.stringify(fields)}`);
    const url = await start({ logger: { info: note, warn: note, error: note } });
    const ticket = await ticketOf(url);
    await read(url, ticket);
    await read(url, ticket, "", "t");
    await read(url, `${ticket}A`);
    await read(url, ticket, "&format=bogus");
    await call(url, "GET", `/v1/nowhere?ticket=${ticket}`);
    expect(lines.filter((line) => line.includes("records")).length).toBeGreaterThanOrEqual(4);
    expect(lines.filter((line) => line.includes("s2kt_") || line.includes(ticket))).toEqual([]);
  });
});
