// What the metrics page counts: each figure after what should move it, over real connections.

import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";
import { openThings } from "../../src/testing/ledger.js";
import { call, startServer, storageOf, type TestServer } from "../support/test-server.js";

/** Long enough for a busy machine; a hook that fails is told of all the same. */
const patiently = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 50 });

const TOKEN = "root-token-of-tests";
const headers = { authorization: `Bearer ${TOKEN}` };
const basin = "figures-basin";
const records = "/v1/streams/s/records";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ auth: true, rootToken: TOKEN, storage: storageOf("disk") });
  await call(server.url, "PUT", `/v1/basins/${basin}`, { headers });
  await call(server.url, "PUT", "/v1/streams/s", { headers, basin });
});
afterAll(() => server.server.close());

type Page = (line: string) => number | undefined;

async function page(): Promise<Page> {
  const { text } = await call(server.url, "GET", "/metrics");
  const lines = new Map(
    text.split("\n").map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
  return (line) => lines.get(line);
}

const append = (): Promise<unknown> =>
  call(server.url, "POST", records, { headers, basin, json: { records: [{ body: "x" }] } });

describe("requests", () => {
  it("are counted by route and status, with how long they took", async () => {
    const before = await page();
    await append();
    await append();
    await call(server.url, "GET", "/v1/streams/none", { headers, basin });
    await call(server.url, "GET", "/nowhere", { headers });
    await call(server.url, "GET", "/health");
    const after = await page();
    const rose = (line: string): number => (after(line) ?? 0) - (before(line) ?? 0);
    const requests = (route: string, status: number): number =>
      rose(`s2kit_http_requests_total{route="${route}",status="${status}"}`);
    expect(requests("append", 200)).toBe(2);
    expect(requests("get-stream-config", 404)).toBe(1);
    expect(requests("other", 404)).toBe(1);
    expect(requests("health", 200)).toBe(1);
    expect(rose(`s2kit_http_request_duration_seconds_count{route="append"}`)).toBe(2);
    expect(rose(`s2kit_http_request_duration_seconds_sum{route="append"}`)).toBeGreaterThan(0);
  });

  it("that fail are counted by code, from zero on", async () => {
    const before = await page();
    expect(before(`s2kit_errors_total{code="rate_limited"}`)).toBe(0);
    await call(server.url, "GET", "/v1/basins");
    await call(server.url, "GET", "/v1/basins", { headers: { authorization: "Bearer wrong" } });
    await call(server.url, "GET", "/v1/streams/none", { headers, basin });
    const after = await page();
    const rose = (code: string): number =>
      (after(`s2kit_errors_total{code="${code}"}`) ?? 0) -
      (before(`s2kit_errors_total{code="${code}"}`) ?? 0);
    expect(rose("authn")).toBe(2);
    expect(rose("stream_not_found")).toBe(1);
  });
});

describe("sessions", () => {
  const kinds = async (kind: string, protocol: string): Promise<number | undefined> =>
    (await page())(`s2kit_sessions_by_kind{kind="${kind}",protocol="${protocol}"}`);

  it("are counted by what they do and what carries them, while they are open", async () => {
    const left = new AbortController();
    const events = await fetch(`${server.url}${records}?tail_offset=0`, {
      headers: { ...headers, "s2-basin": basin, accept: "text/event-stream" },
      signal: left.signal,
    });
    expect(events.status).toBe(200);
    const query = `basin=${basin}&mode=read&tail_offset=0&access_token=${TOKEN}`;
    const url = `${server.url.replace("http", "ws")}${records}?${query}`;
    const socket = new WebSocket(url, ["s2s.v1"], { headers });
    await once(socket, "open");
    await patiently(async () => {
      expect(await kinds("read events", "HTTP/1.1")).toBe(1);
      expect(await kinds("read", "WebSocket")).toBe(1);
    });
    const open = await page();
    expect(open("s2kit_sessions")).toBe(2);
    expect(open(`s2kit_connections{protocol="WebSocket"}`)).toBe(1);
    // Each is counted once, also one that became something else.
    await patiently(async () => {
      const now = await page();
      const counted = ["HTTP/1.1", "HTTP/2", "WebSocket", "unknown"].map(
        (protocol) => now(`s2kit_connections{protocol="${protocol}"}`) ?? Number.NaN,
      );
      const sum = counted.reduce((all, count) => all + count, 0);
      expect(sum).toBe(openThings(server.server)["sockets"]);
    });
    left.abort();
    socket.terminate();
    await patiently(async () => {
      expect(await kinds("read events", "HTTP/1.1")).toBe(0);
      expect(await kinds("read", "WebSocket")).toBe(0);
      expect((await page())(`s2kit_connections{protocol="WebSocket"}`)).toBe(0);
    });
  });

  it("that tell their client a failure count it", async () => {
    const errors = async (): Promise<number> =>
      (await page())(`s2kit_errors_total{code="bad_frame"}`) ?? Number.NaN;
    const before = await errors();
    const answer = await fetch(`${server.url}${records}`, {
      method: "POST",
      headers: { ...headers, "s2-basin": basin, "content-type": "s2s/proto" },
      body: new Uint8Array(64).fill(0xff),
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    expect(await errors()).toBe(before + 1);
  });
});

describe("connections", () => {
  it("are counted by what they speak, and those that say nothing as unknown", async () => {
    const before = await page();
    const session = connectHttp2(server.url);
    await once(session, "remoteSettings");
    const silent = connect(server.port, "127.0.0.1");
    await once(silent, "connect");
    const counted = (now: Page, protocol: string): number =>
      (now(`s2kit_connections{protocol="${protocol}"}`) ?? 0) -
      (before(`s2kit_connections{protocol="${protocol}"}`) ?? 0);
    await patiently(async () => {
      const now = await page();
      expect([counted(now, "HTTP/2"), counted(now, "unknown")]).toEqual([1, 1]);
    });
    const now = await page();
    expect(now("s2kit_connections_accepted_total")).toBeGreaterThanOrEqual(
      (before("s2kit_connections_accepted_total") ?? 0) + 2,
    );
    session.destroy();
    silent.destroy();
    await patiently(async () => {
      const later = await page();
      expect([counted(later, "HTTP/2"), counted(later, "unknown")]).toEqual([0, 0]);
    });
  });
});

describe("a data directory", () => {
  it("tells of its writes, its log and its disk", async () => {
    const before = await page();
    await append();
    const after = await page();
    const rose = (line: string): number => (after(line) ?? 0) - (before(line) ?? 0);
    expect(rose("s2kit_log_write_seconds_count")).toBeGreaterThanOrEqual(1);
    expect(rose("s2kit_log_write_seconds_sum")).toBeGreaterThan(0);
    expect(rose("s2kit_log_write_bytes_sum")).toBeGreaterThanOrEqual(4096);
    expect(rose("s2kit_log_write_commits_sum")).toBe(rose("s2kit_storage_durable_position"));
    expect(after("s2kit_disk_log_segments")).toBe(1);
    expect(after("s2kit_disk_log_bytes")).toBe(4 * 1024 * 1024);
    expect(after("s2kit_disk_free_bytes")).toBeGreaterThan(0);
    expect(after("s2kit_disk_trouble")).toBe(0);
    expect(after("s2kit_disk_queued_bytes")).toBe(0);
  });
});
