// Abuse of WebSocket sessions, byte by byte: the connection of the attacker ends with a close code
// that says why, nothing is stored, and the server goes on.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputFrame } from "../support/s2s-client.js";
import { call } from "../support/test-server.js";
import { RawSocket, rawAnswer } from "./support/raw-socket.js";
import { besideNeighbour, startVictim, type Victim } from "./support/victim.js";

const MIB = 1024 * 1024;
const BASIN = "websocket-victim-basin";
const MAX_HELD_BYTES = 64 * MIB;

let victim: Victim;
beforeAll(async () => {
  victim = await startVictim({ maxHeldBytes: MAX_HELD_BYTES });
  await call(victim.url, "PUT", `/v1/basins/${BASIN}`);
  await call(victim.url, "PUT", "/v1/streams/s", { basin: BASIN });
});
afterAll(async () => {
  const { json } = await call(victim.url, "GET", "/v1/streams/s/records/tail", { basin: BASIN });
  expect(json.tail.seq_num).toBe(0);
  expect(victim.isAlive).toBe(true);
  await victim[Symbol.asyncDispose]();
});

const upgrade = (changes: Readonly<Record<string, string | undefined>> = {}): string => {
  const headers = {
    host: "x",
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-protocol": "s2s.v1",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [`GET /v1/streams/s/records?basin=${BASIN}&mode=append HTTP/1.1`, ...lines, "", ""].join(
    "\r\n",
  );
};

async function openSocket(): Promise<RawSocket> {
  const socket = await RawSocket.open(victim.port);
  await socket.send(upgrade());
  await socket.untilText(/\r\n\r\n/);
  expect(socket.text).toMatch(/^HTTP\/1.1 101 /);
  return socket;
}

/** A frame with a mask of zeros: the payload is as it is. */
function masked(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Code of the close frame at the end of what a server sent; 1006 when there is none. */
function closeCodeOf(received: Buffer): number {
  const body = received.subarray(received.indexOf("\r\n\r\n") + 4);
  for (let at = 0; at + 2 <= body.length; ) {
    const opcode = (body[at] as number) & 0x0f;
    let length = body[at + 1] as number;
    let start = at + 2;
    if (length === 126) {
      length = body.readUInt16BE(start);
      start += 2;
    }
    if (opcode === 8) return length >= 2 ? body.readUInt16BE(start) : 1005;
    at = start + length;
  }
  return 1006;
}

const giant = Buffer.concat([Buffer.from([0x82, 0xff]), Buffer.alloc(12, 0x7f)]);

describe("frames that are against the rules end the connection", () => {
  test.each<[string, Buffer, number]>([
    ["an unmasked frame", Buffer.from([0x82, 0x01, 0x00]), 1002],
    ["a reserved bit", Buffer.concat([Buffer.from([0xc2, 0x80]), Buffer.alloc(4)]), 1002],
    ["an unknown opcode", masked(0x3, Buffer.alloc(1)), 1002],
    ["a frame of 2^63 bytes", giant, 1009],
    ["a message above 8 MiB", masked(0x2, Buffer.alloc(8 * MIB + 1)).subarray(0, 1000), 1009],
    ["a continuation of nothing", masked(0x0, Buffer.alloc(1)), 1002],
    ["a ping of 126 bytes", masked(0x9, Buffer.alloc(126)), 1002],
    ["a ping in pieces", masked(0x9, Buffer.alloc(1), false), 1002],
    ["a close code that is reserved", masked(0x8, Buffer.from([0x03, 0xee])), 1002],
    ["a close frame of one byte", masked(0x8, Buffer.from([0x03])), 1002],
    ["text", masked(0x1, Buffer.from("{}")), 4400],
    ["text that is not UTF-8", masked(0x1, Buffer.from([0xff])), 1007],
    ["no S2S frame", masked(0x2, Buffer.from([0x20, 0, 1, 0])), 4400],
    [
      "half an S2S frame",
      Buffer.concat([masked(0x2, inputFrame(["x"]).subarray(0, 5)), masked(0x2, Buffer.alloc(0))]),
      4400,
    ],
  ])("%s", async (_, bytes, code) => {
    using socket = await openSocket();
    await socket.send(bytes);
    await socket.until((received) => closeCodeOf(received) !== 1006);
    expect(closeCodeOf(socket.received)).toBe(code);
    // Whoever answers the close gets the end of the connection.
    await socket.send(masked(0x8, Buffer.from([0x03, 0xe8])));
    await socket.closed;
  });
});

describe("upgrades that are no WebSocket of ours are refused", () => {
  test.each<[string, Readonly<Record<string, string | undefined>>]>([
    ["no subprotocol", { "sec-websocket-protocol": undefined }],
    ["a foreign subprotocol", { "sec-websocket-protocol": "chat" }],
    ["a broken list of subprotocols", { "sec-websocket-protocol": "s2s.v1,," }],
    ["no key", { "sec-websocket-key": undefined }],
    ["a short key", { "sec-websocket-key": "AAAA" }],
    ["an old version", { "sec-websocket-version": "7" }],
    ["another protocol", { upgrade: "h2c" }],
  ])("%s", async (_, changes) => {
    const answer = await rawAnswer(
      victim.port,
      upgrade({ ...changes, connection: "upgrade, close" }),
    );
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
  });
});

describe("floods", () => {
  test("pings of a client that does not read end its connection", async () => {
    await besideNeighbour(victim.url, async () => {
      using socket = await openSocket();
      socket.deafen();
      const pings = Buffer.concat(
        Array.from({ length: 1000 }, () => masked(0x9, Buffer.alloc(125))),
      );
      let batches = 0;
      while (batches < 2000 && (await socket.send(pings))) batches++;
      expect(batches).toBeLessThan(2000);
    });
    expect((await victim.memory()).peakRss).toBeLessThan(100 * MIB);
  });

  test("a message in a million pieces ends the connection", async () => {
    await besideNeighbour(victim.url, async () => {
      using socket = await openSocket();
      const piece = masked(0x0, Buffer.from([0]), false);
      const pieces = Buffer.concat(Array.from({ length: 10_000 }, () => piece));
      await socket.send(masked(0x2, Buffer.from([0]), false));
      let batches = 0;
      while (batches < 1000 && (await socket.send(pieces))) batches++;
      expect(batches).toBeLessThan(1000);
    });
  });

  test("messages that never end are bounded together", async () => {
    const sockets: RawSocket[] = [];
    await besideNeighbour(victim.url, async () => {
      const head = masked(0x2, Buffer.alloc(7 * MIB)).subarray(0, 14);
      for (let at = 0; at < 30; at++) {
        const socket = await openSocket();
        sockets.push(socket);
        await socket.send(head);
        for (let part = 0; part < 100; part++)
          if (!(await socket.send(Buffer.alloc(64 * 1024)))) break;
      }
    });
    expect((await victim.memory()).live).toBeLessThan(MAX_HELD_BYTES + 60 * MIB);
    expect(sockets.some(({ isClosed }) => isClosed)).toBe(true);
    for (const socket of sockets) socket[Symbol.dispose]();
  });
});
