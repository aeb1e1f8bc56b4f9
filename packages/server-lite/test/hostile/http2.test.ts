// Floods and tricks of HTTP/2, frame by frame: the connection of the attacker ends, or nothing comes
// of it; the memory of the process stays bounded; a neighbour is served all the while.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "../support/test-server.js";
import {
  END_HEADERS,
  END_STREAM,
  frame,
  framesOf,
  goawayCodes,
  headerBlock,
  opening,
  PREFACE,
  requestFields,
  TYPE,
  windowUpdate,
} from "./support/h2-frames.js";
import { RawSocket } from "./support/raw-socket.js";
import { besideNeighbour, startVictim, type Victim } from "./support/victim.js";

const MIB = 1024 * 1024;
const BASIN = "http2-victim-basin";

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim();
  await call(victim.url, "PUT", `/v1/basins/${BASIN}`);
  await call(victim.url, "PUT", "/v1/streams/big", { basin: BASIN });
  const json = { records: [{ body: "x".repeat(1_000_000) }] };
  await call(victim.url, "POST", "/v1/streams/big/records", { basin: BASIN, json });
});
afterAll(async () => {
  expect(victim.isAlive).toBe(true);
  await victim[Symbol.asyncDispose]();
});

const get = (streamId: number, path = "/v1/basins"): Buffer =>
  frame(TYPE.headers, END_HEADERS | END_STREAM, streamId, headerBlock(requestFields("GET", path)));
const reset = (streamId: number): Buffer =>
  frame(TYPE.reset, 0, streamId, Buffer.from([0, 0, 0, 8]));
const post = (streamId: number): Buffer =>
  frame(
    TYPE.headers,
    END_HEADERS,
    streamId,
    headerBlock(requestFields("POST", "/v1/basins", [["content-type", "application/json"]])),
  );

interface Flood {
  /** Does not read: answers pile up on the server's side. */
  readonly isDeaf: boolean;
  readonly count: number;
  readonly make: (index: number) => Buffer;
}

const BATCH = 500;

/** Sends frames until enough, or until the server has had enough. */
async function flood({ isDeaf, count, make }: Flood): Promise<{ sent: number; isCut: boolean }> {
  using socket = await RawSocket.open(victim.port);
  await socket.send(opening());
  if (isDeaf) socket.deafen();
  for (let sent = 0; sent < count; sent += BATCH) {
    const frames = Array.from({ length: BATCH }, (_, at) => make(sent + at));
    if (!(await socket.send(Buffer.concat(frames)))) return { sent, isCut: true };
  }
  return { sent: count, isCut: false };
}

describe("floods end their own connection", () => {
  const pings = frame(TYPE.ping, 0, 0, Buffer.alloc(8));
  test.each<[string, Flood]>([
    [
      "rapid resets",
      {
        isDeaf: false,
        count: 500_000,
        make: (i) => Buffer.concat([get(1 + 2 * i), reset(1 + 2 * i)]),
      },
    ],
    [
      "rapid resets of a client that does not read",
      {
        isDeaf: true,
        count: 500_000,
        make: (i) => Buffer.concat([get(1 + 2 * i), reset(1 + 2 * i)]),
      },
    ],
    [
      "CONTINUATION with more and more headers",
      {
        isDeaf: false,
        count: 500_000,
        make: (i) =>
          i === 0
            ? frame(TYPE.headers, 0, 1, headerBlock(requestFields("GET", "/v1/basins")))
            : frame(TYPE.continuation, 0, 1, headerBlock([[`x-${i}`, "y".repeat(100)]])),
      },
    ],
    [
      "CONTINUATION without content",
      {
        isDeaf: false,
        count: 500_000,
        make: (i) =>
          i === 0
            ? frame(TYPE.headers, 0, 1, headerBlock(requestFields("GET", "/v1/basins")))
            : frame(TYPE.continuation, 0, 1),
      },
    ],
    ["SETTINGS", { isDeaf: true, count: 500_000, make: () => frame(TYPE.settings, 0, 0) }],
    ["PING", { isDeaf: true, count: 500_000, make: () => pings }],
    [
      "empty DATA",
      {
        isDeaf: false,
        count: 500_000,
        make: (i) => (i === 0 ? post(1) : frame(TYPE.data, 0, 1)),
      },
    ],
  ])("%s", async (_, attack) => {
    const { isCut } = await besideNeighbour(victim.url, () => flood(attack));
    expect(isCut).toBe(true);
    const { peakRss } = await victim.memory();
    expect(peakRss).toBeLessThan(150 * MIB);
  });

  test("a window that opens byte by byte costs nothing", async () => {
    await besideNeighbour(victim.url, () =>
      flood({ isDeaf: true, count: 100_000, make: () => windowUpdate(0, 1) }),
    );
    expect((await victim.memory()).peakRss).toBeLessThan(150 * MIB);
  });
});

test("headers that refer to one large header again and again are refused", async () => {
  await besideNeighbour(victim.url, async () => {
    using socket = await RawSocket.open(victim.port);
    await socket.send(opening());
    const request = headerBlock(requestFields("GET", "/v1/basins"));
    const large = headerBlock([["x", "y".repeat(4000)]], true);
    // 15 000 references of one byte each: 60 MB of headers in a frame of 15 KB.
    const references = Buffer.alloc(15_000, 0x80 | 62);
    const flags = END_HEADERS | END_STREAM;
    await socket.send(frame(TYPE.headers, flags, 1, Buffer.concat([request, large])));
    for (let id = 3; id < 400; id += 2)
      await socket.send(frame(TYPE.headers, flags, id, Buffer.concat([request, references])));
    await socket.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
    const received = await socket.until((bytes) =>
      framesOf(bytes).some(({ type, flags: seen }) => type === TYPE.ping && (seen & 1) === 1),
    );
    const answered = framesOf(received).filter(({ type }) => type === TYPE.headers);
    // The first request was in order; every bomb is a refusal or a reset.
    expect(answered.some(({ streamId }) => streamId === 1)).toBe(true);
  });
  expect((await victim.memory()).peakRss).toBeLessThan(150 * MIB);
});

test("a client that opens no window for what it asked for is cut before memory runs out", async () => {
  await besideNeighbour(victim.url, async () => {
    using socket = await RawSocket.open(victim.port);
    await socket.send(opening([[4, 0]]));
    const fields = [["s2-basin", BASIN]] as const;
    const block = headerBlock(
      requestFields("GET", "/v1/streams/big/records?seq_num=0&count=1", fields),
    );
    for (let id = 1; id < 2000 && !socket.isClosed; id += 2)
      await socket.send(frame(TYPE.headers, END_HEADERS | END_STREAM, id, block));
    await socket.closed;
    expect(goawayCodes(socket.received)).toHaveLength(1);
  });
  // An idle process, the 128 MiB that one connection may hold, and as much again that waits for the
  // collector: without the cut it would be 1000 answers of 1 MiB.
  const { peakRss } = await victim.memory();
  expect(peakRss).toBeLessThan(450 * MIB);
});

describe("broken frames end the connection with an error", () => {
  test.each<[string, Buffer]>([
    ["a frame above the size limit", frame(TYPE.data, 0, 1, Buffer.alloc(2 * MIB))],
    ["DATA on stream 0", frame(TYPE.data, 0, 0, Buffer.alloc(1))],
    ["HEADERS on stream 0", frame(TYPE.headers, END_HEADERS, 0)],
    [
      "HEADERS on an even stream",
      frame(TYPE.headers, END_HEADERS | END_STREAM, 2, headerBlock([])),
    ],
    ["CONTINUATION out of the blue", frame(TYPE.continuation, END_HEADERS, 1)],
    ["a PING of seven bytes", frame(TYPE.ping, 0, 0, Buffer.alloc(7))],
    ["SETTINGS of five bytes", frame(TYPE.settings, 0, 0, Buffer.alloc(5))],
    ["SETTINGS on a stream", frame(TYPE.settings, 0, 1)],
    ["a window of zero", windowUpdate(0, 0)],
    ["a window beyond 2^31", Buffer.concat([windowUpdate(0, 2 ** 31 - 1), windowUpdate(0, 1)])],
    ["a push from the client", frame(TYPE.pushPromise, END_HEADERS, 1, Buffer.alloc(4))],
    [
      "an index outside the table",
      frame(TYPE.headers, END_HEADERS, 1, Buffer.from([0xff, 0xff, 0x7f])),
    ],
    ["a stream that is reset before it is open", reset(7)],
  ])("%s", async (_, bytes) => {
    using socket = await RawSocket.open(victim.port);
    await socket.send(opening());
    await socket.send(bytes);
    await socket.closed;
    expect((await call(victim.url, "GET", "/health")).text).toBe("OK");
  });

  test("a preface that breaks off, or is followed by noise", async () => {
    for (let length = 3; length < PREFACE.length; length += 3) {
      using socket = await RawSocket.open(victim.port);
      await socket.send(Buffer.concat([PREFACE.subarray(0, length), Buffer.alloc(40, 0xff)]));
      await socket.closed;
    }
    expect((await call(victim.url, "GET", "/health")).text).toBe("OK");
  });
});

describe("requests that are not well-formed are reset or refused, and reach no route", () => {
  const fields = requestFields("POST", "/v1/basins");
  test.each<[string, readonly (readonly [string, string])[]]>([
    ["an upper-case header", [...fields, ["X-Upper", "1"]]],
    ["a header of the connection", [...fields, ["connection", "keep-alive"]]],
    ["transfer-encoding", [...fields, ["transfer-encoding", "chunked"]]],
    ["a line break in a value", [...fields, ["x-a", "b\r\nx-c: d"]]],
    ["a NUL in a value", [...fields, ["x-a", "b\0c"]]],
    ["a pseudo-header behind a header", [["x", "1"], ...fields]],
    ["two paths", [...fields, [":path", "/v1/streams"]]],
    ["no path", fields.filter(([name]) => name !== ":path")],
    ["an empty path", [...fields.filter(([name]) => name !== ":path"), [":path", ""]]],
    ["an unknown pseudo-header", [[":evil", "1"], ...fields]],
  ])("%s", async (_, block) => {
    using socket = await RawSocket.open(victim.port);
    await socket.send(opening());
    await socket.send(frame(TYPE.headers, END_HEADERS | END_STREAM, 1, headerBlock(block)));
    await socket.until((received) =>
      framesOf(received).some(
        ({ type, streamId }) => streamId === 1 && (type === TYPE.reset || type === TYPE.headers),
      ),
    );
    const reaction = framesOf(socket.received).find(({ streamId }) => streamId === 1);
    // A refusal by status begins with the indexed `:status: 4xx` of the static table, or a literal.
    if (reaction?.type === TYPE.headers)
      expect(reaction.payload.toString("latin1")).not.toContain("\x88");
    expect((await call(victim.url, "GET", "/health")).text).toBe("OK");
  });
});
