// Connections that carry no exchange yet, or none any more: whoever is there has not said who it is,
// so each ends by itself in bounded time, whether its peer goes on, stays silent or has left.

import { existsSync, readFileSync } from "node:fs";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { opening, PREFACE } from "../hostile/support/h2-frames.js";
import { startServer, type TestServer } from "../support/test-server.js";
import { Peer } from "./peer.js";
import { BASIN, http2Frames, type Kind, STREAM, UPLOADS } from "./requests.js";

const SETTLE = { timeout: 10_000, interval: 1 };
const HEADERS_TIMEOUT_MS = 10_000;
const IDLE_MS = 76_000;
const LAST_WORDS_MS = 5000;

let running: TestServer | undefined;
let peers: Peer[] = [];
let clock = createSimulatedClock(1_700_000_000_000);
afterEach(async () => {
  for (const peer of peers) peer.drop();
  peers = [];
  clock = createSimulatedClock(1_700_000_000_000);
  await running?.server.close();
});

/** One peer of a server whose time stands still. */
async function visit(settings: object = {}): Promise<Peer> {
  running = await startServer({ drainGraceMs: 0, ...settings }, { clock });
  const peer = await Peer.open({ port: running.port });
  peers.push(peer);
  return peer;
}

/** The server's side of it: a peer may keep its own for as long as it likes. */
async function expectClosed(): Promise<void> {
  const { server } = running as TestServer;
  await vi.waitFor(() => expect(openThings(server)).toEqual({}), SETTLE);
}

/** Lets the time pass that a server needs at most, and not a step more. */
async function expectClosedWithin(ms: number): Promise<void> {
  // What was sent is on its way: the timer to wait for may not be set yet.
  await vi.waitFor(() => expect(clock.liveTimers.length).toBeGreaterThan(2), SETTLE);
  await clock.advanceAsync(ms);
  await expectClosed();
}

const upgrade = (query: string, headers: Readonly<Record<string, string>>): Buffer => {
  const all = {
    host: "localhost",
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-protocol": "s2s.v1",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`GET /v1/streams/s/records?${query} HTTP/1.1\r\n${lines.join("")}\r\n`);
};

describe("an upgrade that is refused before anybody is asked who it is", () => {
  const cors = { origins: ["https://app.example"] };
  const refused = upgrade(`basin=${BASIN}&mode=read`, { origin: "https://evil.example" });

  test.each([
    ["stays silent", new Uint8Array(0)],
    ["goes on sending", Buffer.alloc(100_000)],
  ])("is answered, and closed under a peer that %s", async (_, more) => {
    const peer = await visit({ cors });
    await peer.send(refused);
    await vi.waitFor(() => expect(peer.received.toString()).toMatch(/^HTTP\/1.1 403 /), SETTLE);
    await peer.send(more);
    await expectClosedWithin(LAST_WORDS_MS);
  });

  test("is closed at once when its peer has left", async () => {
    const peer = await visit({ cors });
    await peer.send(refused);
    await vi.waitFor(() => expect(peer.received.toString()).toMatch(/^HTTP\/1.1 403 /), SETTLE);
    // Its end stands behind what it sent.
    await peer.send(Buffer.alloc(1000));
    peer.vanish("half");
    await expectClosed();
  });

  test("as a session without a mode or a token: closed, too", async () => {
    for (const [settings, query] of [
      [{}, `basin=${BASIN}`],
      [
        { auth: true, rootToken: "root-token-of-a-test-that-is-long" },
        `basin=${BASIN}&mode=append`,
      ],
    ] as const) {
      const peer = await visit(settings);
      await peer.send(upgrade(query, {}));
      await vi.waitFor(() => expect(peer.received.includes('{"code":')).toBe(true), SETTLE);
      await expectClosedWithin(LAST_WORDS_MS);
      await running?.server.close();
    }
  });
});

test("an HTTP/2 session whose peer answers nothing ends, with its streams", async () => {
  const peer = await visit();
  const ask = (path: string): Promise<Response> =>
    (running as TestServer).server.fetch(
      new Request(`http://s2${path}`, { method: "PUT", headers: { "s2-basin": BASIN } }),
    );
  for (const path of [`/v1/basins/${BASIN}`, `/v1/streams/${STREAM}`])
    expect((await ask(path)).status).toBe(201);
  const [head] = http2Frames(UPLOADS[2] as Kind) as readonly [Buffer];
  await peer.send(Buffer.concat([opening(), head]));
  await vi.waitFor(() => expect(running?.left()).toMatchObject({ sessions: 1 }), SETTLE);
  await clock.advanceAsync(180_000);
  expect(running?.left()).toMatchObject({ sessions: 1 });
  await clock.advanceAsync(60_000);
  await expectClosed();
});

describe("a connection that never becomes a request", () => {
  test.each<[string, Uint8Array, string, number]>([
    ["half a preface of HTTP/2", PREFACE.subarray(0, 12), "", HEADERS_TIMEOUT_MS],
    ["a preface without settings", PREFACE, "", HEADERS_TIMEOUT_MS],
    ["HTTP/2 that never asks", opening(), "", IDLE_MS],
    ["no HTTP", Buffer.from("EHLO localhost\r\n\r\n"), "400 Bad Request", LAST_WORDS_MS],
  ])("%s", async (_, bytes, answer, ms) => {
    const peer = await visit();
    await peer.send(bytes);
    const { server } = running as TestServer;
    await vi.waitFor(() => {
      // The server has seen what was sent: its clock for that is running.
      if (answer === "") expect(openThings(server)).toMatchObject({ "HTTP/2 sessions": 1 });
      else expect(peer.received.toString()).toContain(answer);
    }, SETTLE);
    await expectClosedWithin(ms);
  });

  // The handshake of TLS has a clock of its own.
  const tls = { tls: { selfSigned: true }, headersTimeoutMs: 300 };
  const hello = Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]);
  test.each([
    ["silence where TLS is spoken", new Uint8Array(0)],
    ["the beginning of a handshake", hello],
    ["cleartext where TLS is spoken", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])("%s", async (_, bytes) => {
    const peer = await visit(tls);
    await peer.send(bytes);
    await vi.waitFor(() => expect(clock.liveTimers.length).toBeGreaterThan(0), SETTLE);
    await expectClosed();
  });
});

// The platform asks a silent machine; no test of ours can take a machine away, so look at its timer.
test.runIf(existsSync("/proc/net/tcp"))(
  "a connection is watched by keep-alive (needs /proc/net)",
  async () => {
    await visit();
    const port = (running as TestServer).port.toString(16).toUpperCase().padStart(4, "0");
    const timers = (): string[] =>
      readFileSync("/proc/net/tcp", "utf8")
        .split("\n")
        .filter((line) => new RegExp(`^ *\\d+: 0100007F:${port} \\S+ 01 `).test(line))
        .map((line) => line.trim().split(/\s+/)[5] as string);
    // 02 is the timer of keep-alive, then the time that is left in hundredths of a second.
    await vi.waitFor(() => expect(timers()).toEqual([expect.stringMatching(/^02:/)]), SETTLE);
    expect(Number.parseInt((timers()[0] as string).slice(3), 16)).toBeLessThanOrEqual(6000);
  },
);
