// Slow clients: headers and bodies that trickle in, answers that nobody takes, sessions without
// streams. Each ends with a code or a closed connection once its time is over. Time is simulated
// where it is the server's own; Node's HTTP parser has a clock of its own, which gets short limits.

import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";
import {
  END_HEADERS,
  frame,
  framesOf,
  headerBlock,
  opening,
  requestFields,
  type SeenFrame,
  TYPE,
} from "./support/h2-frames.js";
import { RawSocket } from "./support/raw-socket.js";

const BASIN = "slow-client-basin";
const RECORDS = "/v1/streams/s/records";
const BODY_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 75_000;

/** From a polite end of an idle HTTP/2 session to its hard one. */
const LAST_WORDS_MS = 1000;

let running: TestServer | undefined;
afterEach(() => running?.server.close());

interface Still {
  readonly port: number;
  readonly url: string;
  readonly pass: (ms: number) => Promise<void>;
  /** Lets time pass, in steps, until something happened: it may not have begun at the first. */
  readonly passUntil: (ms: number, event: Promise<unknown>) => Promise<void>;
}

/** A server whose time stands still until a test moves it. */
async function startStill(): Promise<Still> {
  const clock = createSimulatedClock(1_700_000_000_000);
  running = await startServer({ drainGraceMs: 0 }, { clock });
  const { url, port, server } = running;
  const pass = (ms: number): Promise<void> => clock.advanceAsync(ms);
  const passUntil = async (ms: number, event: Promise<unknown>): Promise<void> => {
    let isOver = false;
    void event.then(() => {
      isOver = true;
    });
    while (!isOver) await pass(ms);
  };
  // Closing waits for the clock too.
  const close = server.close.bind(server);
  server.close = () => {
    const closing = close();
    return passUntil(1000, closing);
  };
  return { url, port, pass, passUntil };
}

const head = (length: number): string =>
  `POST ${RECORDS} HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\nexpect: 100-continue\r\n\r\n`;

/** Resolves once the server has seen everything that was sent on this connection. */
async function pong(socket: RawSocket, nth: number): Promise<void> {
  await socket.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
  const isPong = ({ type, flags }: SeenFrame): boolean => type === TYPE.ping && flags === 1;
  await socket.until((received) => framesOf(received).filter(isPong).length >= nth);
}

describe("headers that take too long", () => {
  test("are answered with 408 and a closed connection", async () => {
    running = await startServer({ headersTimeoutMs: 200 });
    using socket = await RawSocket.open(running.port);
    await socket.send("GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ");
    expect(await socket.exhaust()).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
  });

  test("that trickle in, byte by byte, gain no time", async () => {
    running = await startServer({ headersTimeoutMs: 200 });
    using socket = await RawSocket.open(running.port);
    await socket.send("GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ");
    const trickle = setInterval(() => void socket.send("y"), 20);
    const answer = await socket.exhaust();
    clearInterval(trickle);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test.each([
    ["a silent connection", ""],
    ["one that says P and no more", "P"],
    ["one that says PR and no more", "PR"],
  ])("%s is closed", async (_, bytes) => {
    const { port, passUntil } = await startStill();
    using socket = await RawSocket.open(port);
    if (bytes !== "") await socket.send(bytes);
    await passUntil(10_000, socket.closed);
    expect(socket.text).toBe("");
  });
});

describe("bodies that take too long", () => {
  test("are answered with 408 over HTTP/1.1, and store nothing", async () => {
    const { port, url, pass, passUntil } = await startStill();
    await call(url, "PUT", `/v1/basins/${BASIN}`);
    await call(url, "PUT", "/v1/streams/s", { basin: BASIN });
    using socket = await RawSocket.open(port);
    await socket.send(head(100));
    await socket.untilText(/100 Continue\r\n\r\n/);
    await socket.send('{"records":[');
    await pass(BODY_TIMEOUT_MS);
    await socket.untilText(/\}$/);
    expect(socket.text).toMatch(/\r\n\r\nHTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
    const { json } = await call(url, "GET", `${RECORDS}/tail`, { basin: BASIN });
    expect(json.tail.seq_num).toBe(0);
    // What the client still sends is dropped for a while, then the connection is.
    await passUntil(5000, socket.closed);
  });

  test("are answered with 408 over HTTP/2, and the connection lives on", async () => {
    const { port, pass } = await startStill();
    using socket = await RawSocket.open(port);
    await socket.send(opening());
    const fields = requestFields("POST", "/v1/basins", [["content-type", "application/json"]]);
    await socket.send(frame(TYPE.headers, END_HEADERS, 1, headerBlock(fields)));
    await socket.send(frame(TYPE.data, 0, 1, Buffer.from("{")));
    await pong(socket, 1);
    await pass(BODY_TIMEOUT_MS);
    await socket.until((received) => received.includes("request_timeout"));
    await pong(socket, 2);
    expect(socket.isClosed).toBe(false);
  });

  test("do not concern sessions: an append session may be silent for hours", async () => {
    const { port, url, pass, passUntil } = await startStill();
    await call(url, "PUT", `/v1/basins/${BASIN}`);
    await call(url, "PUT", "/v1/streams/s", { basin: BASIN });
    using socket = await RawSocket.open(port);
    await socket.send(
      `POST ${RECORDS} HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n` +
        "content-type: s2s/proto\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    await socket.untilText(/\r\n\r\n/);
    await pass(4 * 3_600_000);
    // One record, in a frame, in a chunk; then the end of the body.
    await socket.send("9\r\n\0\0\x06\0\x0a\x03\x1a\x01x\r\n0\r\n\r\n");
    await passUntil(1000, socket.untilText(/\r\n0\r\n\r\n$/));
    expect(socket.text).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe("answers that nobody takes", () => {
  test("are given up", async () => {
    const { port, url, passUntil } = await startStill();
    await call(url, "PUT", `/v1/basins/${BASIN}`);
    await call(url, "PUT", "/v1/streams/s", { basin: BASIN });
    const json = { records: [{ body: "x".repeat(1_000_000) }] };
    const appending = call(url, "POST", RECORDS, { basin: BASIN, json });
    await passUntil(100, appending);
    expect((await appending).status).toBe(200);
    using socket = await RawSocket.open(port);
    const read = `GET ${RECORDS}?seq_num=0 HTTP/1.1\r\nhost: x\r\ns2-basin: ${BASIN}\r\n\r\n`;
    await socket.send(read.repeat(16));
    await socket.until((received) => received.length > 0);
    socket.deafen();
    // The answers fill both socket buffers, then one is stuck until its time is over.
    await call(url, "GET", "/health");
    await passUntil(BODY_TIMEOUT_MS, call(url, "GET", "/health"));
    socket.socket.resume();
    await passUntil(BODY_TIMEOUT_MS, socket.closed);
    expect(socket.received.length).toBeLessThan(16_000_000);
  });
});

describe("HTTP/2 sessions without streams", () => {
  test.each<[string, Buffer[]]>([
    ["that never ask", [opening()]],
    [
      "that stop in the middle of their headers",
      [opening(), frame(TYPE.headers, 0, 1, headerBlock(requestFields("GET", "/health")))],
    ],
  ])("%s are closed", async (_, bytes) => {
    const { port, pass } = await startStill();
    using socket = await RawSocket.open(port);
    for (const part of bytes) await socket.send(part);
    await socket.until((received) => framesOf(received).length >= 2);
    // Asked to leave, then made to; long before unanswered pings would end it.
    await pass(IDLE_TIMEOUT_MS);
    await pass(LAST_WORDS_MS);
    await socket.closed;
    expect(socket.isClosed).toBe(true);
  });
});
