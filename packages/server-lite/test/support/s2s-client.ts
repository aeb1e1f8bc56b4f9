// A bare S2S client over real sockets, HTTP/2 or HTTP/1.1: sends what it is told, byte for byte, and
// collects frames. It has no rules of its own, so that tests can break every one.

import { request as http1Request } from "node:http";
import { connect } from "node:http2";
import type { Duplex } from "node:stream";
import {
  type AppendAck,
  type AppendInput,
  createFrameDecoder,
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendInput,
  encodeMessageFrame,
  encodeUtf8,
  type ReadBatch,
} from "@s2kit/core";

export type HttpVersion = "h1" | "h2";

export type Received =
  | {
      readonly kind: "message";
      readonly body: Uint8Array;
      readonly compression: string;
      readonly advised: boolean;
    }
  | { readonly kind: "terminal"; readonly status: number; readonly json: unknown };

export interface S2sExchange {
  readonly status: number;
  readonly headers: Record<string, string>;
  send(bytes: Uint8Array): void;
  half(): void;
  reset(): void;
  /** Next frame; undefined at the end of the response. */
  next(): Promise<Received | undefined>;
  /** Everything until the end. */
  rest(): Promise<Received[]>;
  /** Body of an ordinary response. */
  text(): Promise<string>;
}

export interface S2sOptions {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly basin: string;
  readonly headers?: Record<string, string>;
}

export async function openS2s(
  base: string,
  version: HttpVersion,
  options: S2sOptions,
): Promise<S2sExchange> {
  const headers = { "s2-basin": options.basin, "content-type": "s2s/proto", ...options.headers };
  return version === "h2" ? overHttp2(base, options, headers) : overHttp1(base, options, headers);
}

function overHttp2(
  base: string,
  options: S2sOptions,
  headers: Record<string, string>,
): Promise<S2sExchange> {
  const session = connect(base, { settings: { initialWindowSize: 4 * 1024 * 1024 } });
  session.on("error", () => undefined);
  const stream = session.request(
    { ":method": options.method, ":path": options.path, ...headers },
    { endStream: options.method === "GET" },
  );
  stream.on("close", () => session.close());
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.once("response", (got) => {
      stream.off("error", reject);
      resolve(
        collect(Number(got[":status"]), got as Record<string, string>, stream, stream, () => {
          stream.close(8);
          session.destroy();
        }),
      );
    });
  });
}

function overHttp1(
  base: string,
  options: S2sOptions,
  headers: Record<string, string>,
): Promise<S2sExchange> {
  return new Promise((resolve, reject) => {
    const request = http1Request(base + options.path, {
      method: options.method,
      headers,
      agent: false,
    });
    request.on("error", reject);
    request.once("response", (response) => {
      request.off("error", reject);
      request.on("error", () => undefined);
      resolve(
        collect(
          response.statusCode ?? 0,
          response.headers as Record<string, string>,
          response as unknown as Duplex,
          request as unknown as Duplex,
          () => request.destroy(),
        ),
      );
    });
    if (options.method === "GET") request.end();
    else request.flushHeaders();
  });
}

function collect(
  status: number,
  headers: Record<string, string>,
  source: Duplex,
  target: Duplex,
  reset: () => void,
): S2sExchange {
  const decoder = createFrameDecoder();
  const frames: Received[] = [];
  const chunks: Buffer[] = [];
  let isEnded = false;
  let wake: (() => void) | undefined;
  const change = (): void => {
    wake?.();
    wake = undefined;
  };
  source.on("error", () => {
    isEnded = true;
    change();
  });
  source.on("close", () => {
    isEnded = true;
    change();
  });
  source.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (headers["content-type"] !== "s2s/proto") return;
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      frames.push(
        frame.kind === "terminal"
          ? { kind: "terminal", status: frame.status, json: JSON.parse(frame.json) as unknown }
          : {
              kind: "message",
              body: Uint8Array.from(frame.body),
              compression: frame.compression,
              advised: frame.reconnectAdvised,
            },
      );
    change();
  });
  source.on("end", () => {
    isEnded = true;
    change();
  });
  const next = async (): Promise<Received | undefined> => {
    while (frames.length === 0 && !isEnded)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return frames.shift();
  };
  return {
    status,
    headers,
    send: (bytes) => void target.write(bytes),
    half: () => void target.end(),
    reset,
    next,
    async rest() {
      const all: Received[] = [];
      for (let frame = await next(); frame !== undefined; frame = await next()) all.push(frame);
      return all;
    },
    async text() {
      while (!isEnded)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return Buffer.concat(chunks).toString();
    },
  };
}

export function inputFrame(
  bodies: readonly string[],
  extra: Partial<AppendInput> = {},
): Uint8Array {
  return encodeMessageFrame(inputMessage(bodies, extra));
}

export function inputMessage(
  bodies: readonly string[],
  extra: Partial<AppendInput> = {},
): Uint8Array {
  const records = bodies.map((body) => ({
    timestamp: undefined,
    headers: [],
    body: encodeUtf8(body),
  }));
  return encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined, ...extra });
}

export function ackOf(frame: Received | undefined): AppendAck {
  if (frame?.kind !== "message") throw new Error(`expected an ack, got ${JSON.stringify(frame)}`);
  return decodeAppendAck(frame.body);
}

export function batchOf(frame: Received | undefined): ReadBatch {
  if (frame?.kind !== "message") throw new Error(`expected a batch, got ${JSON.stringify(frame)}`);
  return decodeReadBatch(frame.body);
}
