// Ways to make a server hold memory, one a function: readers that do not read, uploads that are held
// back, halves of frames, messages and bodies, swarms of tiny chunks. Each opens its connections and
// leaves them as they are. Bounded in count and bytes; free of the test runner.

import { type ClientHttp2Session, connect } from "node:http2";
import { encodeAppendInput, encodeMessageFrame } from "@s2kit/core";
import { call } from "../../support/call.js";
import {
  END_HEADERS,
  END_STREAM,
  frame,
  headerBlock,
  opening,
  requestFields,
  TYPE,
} from "./h2-frames.js";
import { RawSocket } from "./raw-socket.js";

const MIB = 1024 * 1024;
const DATA_BYTES = 16_000;

export interface Target {
  readonly url: string;
  readonly port: number;
  readonly basin: string;
  /** Connections of the attack; whoever runs it ends them. */
  readonly sockets: Disposable[];
}

export type Attack = (target: Target) => Promise<void>;

/** Appends one record of so many bytes. */
export async function appendBytes(target: Target, stream: string, bytes: number): Promise<void> {
  const message = encodeAppendInput({
    records: [{ timestamp: undefined, headers: [], body: Buffer.alloc(bytes, "x") }],
    matchSeqNum: undefined,
    fencingToken: undefined,
  });
  const { status, text } = await call(target.url, "POST", `/v1/streams/${stream}/records`, {
    basin: target.basin,
    headers: { "content-type": "application/protobuf" },
    body: message,
  });
  if (status !== 200) throw new Error(`append was refused status=${status} body=${text}`);
}

export async function makeStream(target: Target, stream: string): Promise<void> {
  const { status } = await call(target.url, "PUT", `/v1/streams/${stream}`, {
    basin: target.basin,
  });
  if (status !== 201) throw new Error(`no stream status=${status}`);
}

async function dial(target: Target): Promise<RawSocket> {
  const socket = await RawSocket.open(target.port);
  target.sockets.push(socket);
  return socket;
}

/** HTTP/1.1 readers that never take a byte. */
export function deafReaders(
  stream: string,
  count: number,
  headers: Readonly<Record<string, string>> = {},
): Attack {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return async (target) => {
    for (let at = 0; at < count; at++) {
      const socket = await dial(target);
      socket.deafen();
      await socket.send(
        `GET /v1/streams/${stream}/records?seq_num=0 HTTP/1.1\r\nhost: localhost\r\n` +
          `s2-basin: ${target.basin}\r\n${lines.join("")}\r\n`,
      );
    }
  };
}

/** HTTP/2 sessions with a window of nothing; they read from `query`. */
export function windowlessReaders(streams: readonly string[], each: number, query: string): Attack {
  return async (target) => {
    for (const stream of streams) {
      const socket = await dial(target);
      await socket.send(opening([[4, 0]]));
      const block = headerBlock(
        requestFields("GET", `/v1/streams/${stream}/records?${query}`, [
          ["s2-basin", target.basin],
          ["content-type", "s2s/proto"],
        ]),
      );
      for (let id = 1; id < 2 * each; id += 2)
        await socket.send(frame(TYPE.headers, END_HEADERS | END_STREAM, id, block));
    }
  };
}

/** WebSocket readers that never take a byte. */
export function deafWebSockets(stream: string, count: number): Attack {
  return async (target) => {
    for (let at = 0; at < count; at++) {
      const socket = await dial(target);
      socket.deafen();
      await socket.send(webSocketUpgrade(target, stream, "mode=read&seq_num=0"));
    }
  };
}

/** WebSocket appends with a message that stops short of its end. */
export function halfMessages(stream: string, count: number): Attack {
  return async (target) => {
    for (let at = 0; at < count; at++) {
      const socket = await dial(target);
      await socket.send(webSocketUpgrade(target, stream, "mode=append"));
      await socket.untilText(/\r\n\r\n/);
      const head = Buffer.alloc(14);
      head.set([0x82, 0xff]);
      head.writeBigUInt64BE(BigInt(4 * MIB), 2);
      await socket.send(head);
      for (let sent = 0; sent < 3 * MIB && !socket.isClosed; sent += 64 * 1024)
        await socket.send(Buffer.alloc(64 * 1024));
    }
  };
}

function webSocketUpgrade({ basin }: Target, stream: string, query: string): string {
  return (
    `GET /v1/streams/${stream}/records?basin=${basin}&${query} HTTP/1.1\r\nhost: localhost\r\n` +
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: s2s.v1\r\n\r\n"
  );
}

/** Append sessions with a frame that stops short of its end. */
export function halfFrames(stream: string, connections: number, each: number): Attack {
  return async (target) => {
    for (let at = 0; at < connections; at++) {
      const session = await http2Session(target);
      for (let id = 0; id < each; id++) {
        const upload = openSession(session, target, stream);
        upload.write(Buffer.from([0x1f, 0xff, 0xff, 0]));
        upload.write(Buffer.alloc(2_000_000));
      }
    }
  };
}

/** Append sessions that send on although the server holds them back. */
export function heldUploads(stream: string, connections: number, each: number): Attack {
  const message = encodeMessageFrame(
    encodeAppendInput({
      records: [{ timestamp: undefined, headers: [], body: Buffer.alloc(900_000, "x") }],
      matchSeqNum: undefined,
      fencingToken: undefined,
    }),
  );
  return async (target) => {
    for (let at = 0; at < connections; at++) {
      const session = await http2Session(target);
      for (let id = 0; id < each; id++) {
        const upload = openSession(session, target, stream);
        for (let sent = 0; sent < 10; sent++) upload.write(message);
      }
    }
  };
}

/** Sessions that do nothing at all. */
export function idleSessions(stream: string, connections: number, each: number): Attack {
  return async (target) => {
    for (let at = 0; at < connections; at++) {
      const session = await http2Session(target);
      for (let id = 0; id < each; id++) openSession(session, target, stream);
    }
  };
}

async function http2Session(target: Target): Promise<ClientHttp2Session> {
  const session = connect(target.url);
  session.on("error", () => undefined);
  target.sockets.push({ [Symbol.dispose]: () => session.destroy() });
  await new Promise((resolve) => session.once("remoteSettings", resolve));
  return session;
}

function openSession(session: ClientHttp2Session, target: Target, stream: string) {
  const upload = session.request(
    {
      ":method": "POST",
      ":path": `/v1/streams/${stream}/records`,
      "s2-basin": target.basin,
      "content-type": "s2s/proto",
    },
    { endStream: false },
  );
  upload.on("error", () => undefined);
  return upload;
}

/** Whole bodies of which the last part never comes. */
export function halfBodies(stream: string, count: number): Attack {
  return async (target) => {
    for (let at = 0; at < count; at++) {
      const socket = await dial(target);
      await socket.send(
        `POST /v1/streams/${stream}/records HTTP/1.1\r\nhost: localhost\r\ns2-basin: ${target.basin}\r\n` +
          "content-type: application/json\r\ncontent-length: 7500000\r\n\r\n",
      );
      for (let sent = 0; sent < 5_000_000 && !socket.isClosed; sent += DATA_BYTES)
        await socket.send(Buffer.alloc(DATA_BYTES, " "));
    }
  };
}

/** Bodies in chunks of one byte each. */
export function tinyChunks(stream: string, count: number, bytes: number): Attack {
  const part = Buffer.from("1\r\n \r\n".repeat(10_000));
  return async (target) => {
    for (let at = 0; at < count; at++) {
      const socket = await dial(target);
      await socket.send(
        `POST /v1/streams/${stream}/records HTTP/1.1\r\nhost: localhost\r\ns2-basin: ${target.basin}\r\n` +
          "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
      );
      for (let sent = 0; sent < bytes && !socket.isClosed; sent += 10_000) await socket.send(part);
    }
  };
}

/**
 * Followers that stopped reading, each on a stream of its own that gets tiny records, between which
 * much of others is appended.
 */
export function pinningFollowers(count: number, rounds: number): Attack {
  const streams = Array.from({ length: count }, (_, at) => `pinned-${at}`);
  return async (target) => {
    for (const stream of [...streams, "filler"]) await makeStream(target, stream);
    await windowlessReaders(streams, 1, "tail_offset=0")(target);
    // Until what is on its way to them is full: from here on they only buffer.
    for (const stream of streams)
      for (let at = 0; at < 3; at++) await appendBytes(target, stream, 1_000_000);
    for (let round = 0; round < rounds; round++)
      for (const stream of streams) {
        await appendBytes(target, stream, 4);
        for (let at = 0; at < 4; at++) await appendBytes(target, "filler", 1_000_000);
      }
  };
}
