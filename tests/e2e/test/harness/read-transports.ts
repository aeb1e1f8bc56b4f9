// One read over each transport that the server has, byte for byte without any client of ours: what
// they deliver must be the same. Only translation; what is the same is for the tests to say.

import { request as http1Request } from "node:http";
import { connect } from "node:http2";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  createFrameDecoder,
  decodeReadBatch,
  type Frame,
  type ReadBatch,
  readBatchFromJson,
} from "@s2kit/core";
import { createSseParser, decodeReadEvent } from "@s2kit/core/sse";

export interface ReadTarget {
  readonly url: string;
  /** Another server with the same records, on TLS. */
  readonly tlsUrl: string;
  readonly basin: string;
  readonly stream: string;
  /** As in the header. */
  readonly encryptionKey?: string | undefined;
}

export interface Delivered {
  readonly status: number;
  /** The JSON of a failure. */
  readonly error: unknown;
  readonly batches: readonly ReadBatch[];
}

/** Called for each batch and heartbeat as it comes. */
export type OnBatch = (batch: ReadBatch) => void;

export type Transport = (
  target: ReadTarget,
  query: string,
  onBatch?: OnBatch,
) => Promise<Delivered>;

const ignore: OnBatch = () => undefined;

function headersOf(
  { basin, encryptionKey }: ReadTarget,
  more: Record<string, string>,
): Record<string, string> {
  const key: Record<string, string> =
    encryptionKey === undefined ? {} : { "s2-encryption-key": encryptionKey };
  return { "s2-basin": basin, ...key, ...more };
}

function pathOf({ stream }: ReadTarget, query: string): string {
  return `/v1/streams/${encodeURIComponent(stream)}/records?${query}`;
}

function failed(status: number, text: string): Delivered {
  return { status, error: JSON.parse(text) as unknown, batches: [] };
}

function unaryJson(format: "base64" | "raw"): Transport {
  return async (target, query) => {
    const headers = headersOf(target, { "s2-format": format });
    const response = await fetch(target.url + pathOf(target, query), { headers });
    const text = await response.text();
    if (!response.ok) return failed(response.status, text);
    return {
      status: 200,
      error: undefined,
      batches: [readBatchFromJson(JSON.parse(text), format)],
    };
  };
}

const unaryProtobuf: Transport = async (target, query) => {
  const headers = headersOf(target, { accept: "application/protobuf" });
  const response = await fetch(target.url + pathOf(target, query), { headers });
  if (!response.ok) return failed(response.status, await response.text());
  const batch = decodeReadBatch(new Uint8Array(await response.arrayBuffer()));
  return { status: 200, error: undefined, batches: [batch] };
};

function events(format: "base64" | "raw"): Transport {
  return async (target, query, onBatch = ignore) => {
    const headers = headersOf(target, { accept: "text/event-stream", "s2-format": format });
    const response = await fetch(target.url + pathOf(target, query), { headers });
    if (!response.ok) return failed(response.status, await response.text());
    const parser = createSseParser();
    const batches: ReadBatch[] = [];
    let isDone = false;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      parser.push(chunk);
      for (let event = parser.next(); event !== undefined; event = parser.next()) {
        const read = decodeReadEvent(event, format);
        if (read?.kind === "error") throw read.error;
        if (read?.kind === "done") isDone = true;
        if (read?.kind === "ping" && read.tail !== undefined)
          onBatch({ records: [], tail: read.tail });
        if (read?.kind !== "batch") continue;
        batches.push(read.batch);
        onBatch(read.batch);
      }
    }
    if (!isDone) throw new Error("the events ended without [DONE]");
    return { status: 200, error: undefined, batches };
  };
}

/** Gathers the frames of a session; heartbeats are told, not kept. */
class FrameCollector {
  readonly batches: ReadBatch[] = [];
  failure: Delivered | undefined = undefined;
  private readonly decoder = createFrameDecoder();
  private readonly onBatch: OnBatch;

  constructor(onBatch: OnBatch) {
    this.onBatch = onBatch;
  }

  push(chunk: Uint8Array): void {
    this.decoder.push(chunk);
    for (let frame = this.decoder.next(); frame !== undefined; frame = this.decoder.next())
      this.take(frame);
  }

  finish(): Delivered {
    this.decoder.end();
    return this.failure ?? { status: 200, error: undefined, batches: this.batches };
  }

  private take(frame: Frame): void {
    if (frame.kind === "terminal") {
      this.failure = failed(frame.status, frame.json);
      return;
    }
    const batch = decodeReadBatch(Uint8Array.from(plainOf(frame)));
    if (batch.records.length > 0) this.batches.push(batch);
    this.onBatch(batch);
  }
}

function plainOf({ compression, body }: Extract<Frame, { kind: "message" }>): Uint8Array {
  if (compression === "gzip") return gunzipSync(body);
  return compression === "zstd" ? zstdDecompressSync(body) : body;
}

function http2Session(where: "tlsUrl" | "url", encoding: string): Transport {
  return (target, query, onBatch = ignore) => {
    const session = connect(target[where], { rejectUnauthorized: false });
    const headers = headersOf(target, { "content-type": "s2s/proto", "accept-encoding": encoding });
    const stream = session.request({ ":path": pathOf(target, query), ...headers });
    return new Promise((resolve, reject) => {
      session.on("error", reject);
      stream.on("error", reject);
      stream.once("response", (response) => {
        const status = Number(response[":status"]);
        const frames = new FrameCollector(onBatch);
        let text = "";
        stream.on("data", (chunk: Buffer) => {
          if (status === 200) frames.push(chunk);
          else text += chunk.toString();
        });
        stream.once("end", () => {
          session.close();
          resolve(status === 200 ? frames.finish() : failed(status, text));
        });
      });
    });
  };
}

function http1Session(encoding: string): Transport {
  return (target, query, onBatch = ignore) =>
    new Promise((resolve, reject) => {
      const headers = headersOf(target, {
        "content-type": "s2s/proto",
        "accept-encoding": encoding,
      });
      const request = http1Request(target.url + pathOf(target, query), { headers, agent: false });
      request.on("error", reject);
      request.once("response", (response) => {
        const status = response.statusCode ?? 0;
        const frames = new FrameCollector(onBatch);
        let text = "";
        response.on("data", (chunk: Buffer) => {
          if (status === 200) frames.push(chunk);
          else text += chunk.toString();
        });
        response.once("end", () =>
          resolve(status === 200 ? frames.finish() : failed(status, text)),
        );
      });
      request.end();
    });
}

function webSocket(compression: string): Transport {
  return (target, query, onBatch = ignore) =>
    new Promise((resolve, reject) => {
      const { url, basin, encryptionKey } = target;
      const own = `basin=${basin}&mode=read${compression === "" ? "" : `&compression=${compression}`}`;
      const protocols = ["s2s.v1"];
      if (encryptionKey !== undefined)
        protocols.push(`s2.key.${Buffer.from(encryptionKey).toString("base64url")}`);
      const socket = new WebSocket(
        `${url.replace("http", "ws")}${pathOf(target, query)}&${own}`,
        protocols,
      );
      socket.binaryType = "arraybuffer";
      const frames = new FrameCollector(onBatch);
      socket.addEventListener("message", ({ data }) =>
        frames.push(new Uint8Array(data as ArrayBuffer)),
      );
      socket.addEventListener("error", () => reject(new Error("the websocket broke")));
      socket.addEventListener("close", ({ code }) => {
        const delivered = frames.finish();
        const expected = delivered.status === 200 ? 1000 : 4000 + delivered.status;
        if (code === expected) resolve(delivered);
        else reject(new Error(`closed with code=${code} expected=${expected}`));
      });
    });
}

/** One request, at most 1000 records or 1 MiB. */
export const UNARY_TRANSPORTS: Readonly<Record<string, Transport>> = {
  "json raw": unaryJson("raw"),
  "json base64": unaryJson("base64"),
  protobuf: unaryProtobuf,
};

export const SESSION_TRANSPORTS: Readonly<Record<string, Transport>> = {
  "sse raw": events("raw"),
  "sse base64": events("base64"),
  "s2s h2c": http2Session("url", "identity"),
  "s2s h2c gzip": http2Session("url", "gzip"),
  "s2s h2c zstd": http2Session("url", "zstd"),
  "s2s http/1.1": http1Session("identity"),
  "s2s http/1.1 zstd": http1Session("zstd"),
  "s2s tls h2": http2Session("tlsUrl", "identity"),
  websocket: webSocket(""),
  "websocket gzip": webSocket("gzip"),
};
