// One request of each kind as the bytes of each carrier, so that a peer can vanish between any two.

import {
  END_HEADERS,
  END_STREAM,
  frame,
  headerBlock,
  opening,
  requestFields,
  TYPE,
} from "../hostile/support/h2-frames.js";
import { inputFrame } from "../support/s2s-client.js";

export const BASIN = "vanishing-basin";
export const STREAM = "s";
/** Nothing is written to it: reads of it wait. */
export const QUIET = "quiet";
/** A stream that no cut request may make. */
export const UNMADE = "never-made";

/** What travels on a connection; TLS is around it or not. */
export type Wire = "h1" | "h2" | "websocket";

export interface Kind {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for requests without one. */
  readonly body: Uint8Array | undefined;
  /** The query that makes a WebSocket of it. */
  readonly mode?: "append" | "read";
}

const RECORDS = `/v1/streams/${STREAM}/records`;
const NO_RECORDS = `/v1/streams/${QUIET}/records`;
const JSON_TYPE = { "content-type": "application/json" };
const S2S_TYPE = { "content-type": "s2s/proto" };

export const UPLOADS: readonly Kind[] = [
  {
    name: "a single append",
    method: "POST",
    path: RECORDS,
    headers: JSON_TYPE,
    body: Buffer.from('{"records":[{"body":"cut"}]}'),
  },
  {
    name: "a control request",
    method: "PUT",
    path: `/v1/streams/${UNMADE}`,
    headers: JSON_TYPE,
    body: Buffer.from('{"storage_class":"standard"}'),
  },
  {
    name: "an append session",
    method: "POST",
    path: RECORDS,
    headers: S2S_TYPE,
    body: inputFrame(["cut"]),
    mode: "append",
  },
];

export const READS: readonly Kind[] = [
  {
    name: "a read session",
    method: "GET",
    path: `${NO_RECORDS}?seq_num=0`,
    headers: S2S_TYPE,
    body: undefined,
    mode: "read",
  },
  {
    name: "a read over SSE",
    method: "GET",
    path: `${NO_RECORDS}?seq_num=0`,
    headers: { accept: "text/event-stream" },
    body: undefined,
  },
  {
    name: "a long poll",
    method: "GET",
    path: `${NO_RECORDS}?seq_num=0&wait=60`,
    headers: {},
    body: undefined,
  },
];

/** Everything that a client of this kind sends, from the first byte of its connection to the last. */
export function bytesOf(kind: Kind, wire: Wire): Buffer {
  if (wire === "h1") return http1Bytes(kind);
  if (wire === "h2") return Buffer.concat([opening(), ...http2Frames(kind)]);
  return webSocketBytes(kind);
}

/** The frames of an HTTP/2 request on stream 1. */
export function http2Frames(
  { method, path, headers, body }: Kind,
  more: Readonly<Record<string, string>> = {},
): readonly Buffer[] {
  const fields = Object.entries({ "s2-basin": BASIN, ...headers, ...more });
  const flags = END_HEADERS | (body === undefined ? END_STREAM : 0);
  const head = frame(TYPE.headers, flags, 1, headerBlock(requestFields(method, path, fields)));
  return body === undefined ? [head] : [head, frame(TYPE.data, END_STREAM, 1, body)];
}

function http1Bytes({ method, path, headers, body }: Kind): Buffer {
  const length = body === undefined ? {} : { "transfer-encoding": "chunked" };
  const all = { host: "localhost", "s2-basin": BASIN, ...headers, ...length };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  if (body === undefined) return head;
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  return Buffer.concat([head, size, body, Buffer.from("\r\n0\r\n\r\n")]);
}

function webSocketBytes({ path, body, mode }: Kind): Buffer {
  const mark = path.includes("?") ? "&" : "?";
  const head = [
    `GET ${path}${mark}basin=${BASIN}&mode=${mode} HTTP/1.1`,
    "host: localhost",
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-protocol: s2s.v1",
    "\r\n",
  ].join("\r\n");
  if (body === undefined) return Buffer.from(head);
  return Buffer.concat([Buffer.from(head), masked(0x2, body), masked(0x2, new Uint8Array(0))]);
}

/** A frame of a client with a mask of zeros: the payload is as it is. */
export function masked(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
