// Bodies that are held back and come in the smallest pieces there are: a piece costs the process much
// more than its byte, so a window of them must not cost more than a window.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { encodeAppendInput, encodeMessageFrame } from "@s2kit/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { call, startServer, type TestServer } from "../support/test-server.js";
import {
  END_HEADERS,
  frame,
  framesOf,
  headerBlock,
  opening,
  requestFields,
  TYPE,
} from "./support/h2-frames.js";
import { RawSocket } from "./support/raw-socket.js";

const MIB = 1024 * 1024;
const BASIN = "tiny-frames-basin";
const UPLOADS = 12;
/** Almost the whole window that an upload begins with. */
const PIECES = 55_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let node: TestServer;
beforeEach(async () => {
  // So slow that the second append of a session waits until the test is over.
  node = await startServer({ limits: { perStream: { appendBytesPerSec: 20 } } });
  await call(node.url, "PUT", `/v1/basins/${BASIN}`);
  await call(node.url, "PUT", "/v1/streams/s", { basin: BASIN });
});
afterEach(() => node.server.close());

const append = encodeMessageFrame(
  encodeAppendInput({
    records: [{ timestamp: undefined, headers: [], body: new Uint8Array(2000) }],
    matchSeqNum: undefined,
    fencingToken: undefined,
  }),
);
const held = (): number => openThings(node.server)["bytes held for windows"] ?? 0;

async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("a held HTTP/2 window of one-byte frames costs about a window", async () => {
  using socket = await RawSocket.open(node.port);
  await socket.send(opening());
  const block = headerBlock(
    requestFields("POST", "/v1/streams/s/records", [
      ["s2-basin", BASIN],
      ["content-type", "s2s/proto"],
    ]),
  );
  const ids = Array.from({ length: UPLOADS }, (_, at) => 1 + 2 * at);
  for (const id of ids) {
    await socket.send(frame(TYPE.headers, END_HEADERS, id, block));
    await socket.send(frame(TYPE.data, 0, id, append));
    await socket.send(frame(TYPE.data, 0, id, append));
  }
  await expect.poll(held, { timeout: 10_000 }).toBeGreaterThanOrEqual((UPLOADS - 1) * 65_536);
  const before = await memory();
  for (const id of ids) {
    const piece = frame(TYPE.data, 0, id, new Uint8Array(1));
    await socket.send(Buffer.concat(Array.from({ length: PIECES }, () => piece)));
  }
  await socket.send(frame(TYPE.ping, 0, 0, Buffer.alloc(8)));
  // The answer to a ping comes behind all that was sent before it.
  await socket.until((received) =>
    framesOf(received).some(({ type, flags }) => type === TYPE.ping && flags === 1),
  );
  expect((await memory()) - before).toBeLessThan(20 * MIB);
});

test("held one-byte chunks of HTTP/1.1 cost no more than what is counted", async () => {
  const sockets: RawSocket[] = [];
  const chunked = (bytes: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
  for (let at = 0; at < UPLOADS; at++) {
    const socket = await RawSocket.open(node.port);
    sockets.push(socket);
    await socket.send(
      `POST /v1/streams/s/records HTTP/1.1\r\nhost: localhost:${node.port}\r\ns2-basin: ${BASIN}\r\n` +
        "content-type: s2s/proto\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    await socket.send(chunked(append));
    await socket.send(chunked(append));
  }
  await expect.poll(held, { timeout: 10_000 }).toBeGreaterThanOrEqual((UPLOADS - 1) * 65_536);
  const before = await memory();
  const pieces = Buffer.concat(Array.from({ length: PIECES }, () => Buffer.from("1\r\nx\r\n")));
  for (const socket of sockets) void socket.send(pieces);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // The bytes that the client's own sockets wait with are one buffer.
  expect((await memory()) - before).toBeLessThan(20 * MIB);
  for (const socket of sockets) socket[Symbol.dispose]();
});
