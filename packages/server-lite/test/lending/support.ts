// A stream whose records lie in data files, so that reading it lends buffers, and few of them, so that
// they come back soon; and readers of it over every carrier, who know each byte.

import { get as http1Get } from "node:http";
import { connect } from "node:http2";
import { get as httpsGet } from "node:https";
import { Readable } from "node:stream";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import {
  createFrameDecoder,
  decodeReadBatch,
  decodeUtf8Lossy,
  encodeAppendInput,
  systemClock,
} from "@s2kit/core";
import { expect } from "vitest";
import { WebSocket } from "ws";
import type { S2Server } from "../../src/index.js";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../src/storage/disk/engine/open-disk-storage.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const MIB = 1024 * 1024;
export const BASIN = "lending-basin";
export const STREAM = "s";
const BODY_BYTES = 10_000;
const PER_APPEND = 100;
/** Some hundred whole buffers' worth would say no more. */
export const RECORDS: number = 16 * PER_APPEND;

const BODIES: string[] = [];

export function bodyOf(seqNum: number): string {
  const letter = String.fromCharCode(97 + (seqNum % 26));
  return (BODIES[seqNum] ??= `${seqNum}:`.padEnd(BODY_BYTES, letter));
}

export interface Lender {
  readonly plain: TestServer;
  readonly storage: DiskEngine;
}

export async function openLender(directory: string, settings: object = {}): Promise<Lender> {
  const storage = await openDiskStorage({
    directory,
    clock: systemClock,
    segmentBytes: 4 * MIB,
    // Two buffers are kept: what is read leaves again at once.
    cacheBytes: 10 * MIB,
    maintenance: "manual",
  });
  const plain = await startServer(settings, { storage });
  return { plain, storage };
}

export async function fillLender({ plain, storage }: Lender): Promise<void> {
  const create = (path: string): Promise<unknown> =>
    plain.server.fetch(
      new Request(`http://s2${path}`, { method: "PUT", headers: { "s2-basin": BASIN } }),
    );
  await create(`/v1/basins/${BASIN}`);
  await create(`/v1/streams/${STREAM}`);
  for (let first = 0; first < RECORDS; first += PER_APPEND) {
    const records = Array.from({ length: PER_APPEND }, (_, at) => ({
      timestamp: undefined,
      headers: [],
      body: Buffer.from(bodyOf(first + at)),
    }));
    const body = encodeAppendInput({ records, matchSeqNum: undefined, fencingToken: undefined });
    const headers = { "s2-basin": BASIN, "content-type": "application/protobuf" };
    const url = `http://s2/v1/streams/${STREAM}/records`;
    const answer = await plain.server.fetch(new Request(url, { method: "POST", headers, body }));
    expect(answer.status).toBe(200);
  }
  await storage.maintain();
}

/** The bytes of an answer as they come; ends or breaks with its connection. */
export type Carrier = (server: TestServer, headers: Record<string, string>) => Promise<Readable>;

const PATH = `/v1/streams/${STREAM}/records?seq_num=0&count=${RECORDS}`;

const overHttp1: Carrier = ({ url }, headers) =>
  new Promise((resolve, reject) => {
    const options = { headers: { "s2-basin": BASIN, ...headers }, agent: false };
    const request = url.startsWith("https:")
      ? httpsGet(url + PATH, { ...options, rejectUnauthorized: false }, resolve)
      : http1Get(url + PATH, options, resolve);
    request.on("error", reject);
  });

const overHttp2: Carrier = ({ url }, headers) => {
  // Windows of the whole answer: the server writes as fast as it can.
  const session = connect(url, {
    rejectUnauthorized: false,
    settings: { initialWindowSize: 32 * MIB },
  });
  session.on("error", () => undefined);
  session.once("connect", () => {
    if (!session.destroyed) session.setLocalWindowSize(64 * MIB);
  });
  const stream = session.request({ ":path": PATH, "s2-basin": BASIN, ...headers });
  stream.once("close", () => session.destroy());
  return Promise.resolve(stream);
};

const overWebSocket: Carrier = async ({ port }) => {
  const query = `basin=${BASIN}&mode=read&seq_num=0&count=${RECORDS}`;
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}/v1/streams/${STREAM}/records?${query}`,
    "s2s.v1",
  );
  const out = new Readable({
    read: () => socket.readyState === WebSocket.OPEN && socket.resume(),
    destroy(error, done) {
      socket.terminate();
      done(error);
    },
  });
  socket.on("message", (data: Buffer) => {
    if (!out.push(data)) socket.pause();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => out.push(null));
  return out;
};

const inProcess: Carrier = async ({ server }, headers) => {
  const { body } = await (server as S2Server).fetch(
    new Request(`http://s2${PATH}`, { headers: { "s2-basin": BASIN, ...headers } }),
  );
  return Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
};

export const CARRIERS: Readonly<Record<string, Carrier>> = {
  "HTTP/1.1": overHttp1,
  "HTTP/2": overHttp2,
  WebSocket: overWebSocket,
  "in-process": inProcess,
};

/** Takes an answer apart and looks at each byte of it. */
export interface Check {
  take(chunk: Uint8Array): void;
  /** Records that were as they should be; any other fails the test. */
  readonly count: number;
}

function expectRecord(seqNum: number, wanted: number, body: string): void {
  // Not `toBe` for each: a failure would print ten kilobytes.
  if (seqNum !== wanted || body !== bodyOf(wanted))
    expect.fail(`record ${wanted} came as ${seqNum}: ${JSON.stringify(body.slice(0, 40))}`);
}

export function s2sCheck(): Check {
  const decoder = createFrameDecoder();
  let count = 0;
  return {
    take(chunk) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        if (frame.kind === "terminal") expect.fail(`terminal frame ${JSON.stringify(frame)}`);
        const { compression, body } = frame;
        const plain =
          compression === "gzip"
            ? gunzipSync(body)
            : compression === "zstd"
              ? zstdDecompressSync(body)
              : body;
        for (const record of decodeReadBatch(plain).records)
          expectRecord(record.seqNum, count++, decodeUtf8Lossy(record.body));
      }
    },
    get count() {
      return count;
    },
  };
}

export function sseCheck(): Check {
  /** Of an event that has not ended: no byte of a megabyte is looked at twice. */
  let parts: string[] = [];
  let count = 0;
  const event = (text: string): void => {
    const line = text.split("\n").find((each) => each.startsWith("data:"));
    const data = line?.slice("data:".length).trimStart() ?? "";
    if (!data.startsWith("{")) return;
    const { records = [] } = JSON.parse(data);
    for (const { seq_num, body } of records) expectRecord(seq_num, count++, body);
  };
  return {
    take(chunk) {
      let text = Buffer.from(chunk).toString("latin1");
      // The end of an event may come in two halves.
      if (parts.at(-1)?.endsWith("\n") === true && text.startsWith("\n")) {
        event(parts.join(""));
        parts = [];
        text = text.slice(1);
      }
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        event(parts.join("") + text.slice(0, end));
        parts = [];
        text = text.slice(end + 2);
      }
      if (text !== "") parts.push(text);
    },
    get count() {
      return count;
    },
  };
}

/** Reads all with JSON or protobuf answers, one after the other. */
export async function readUnary(url: string, isBinary: boolean): Promise<number> {
  let count = 0;
  while (count < RECORDS) {
    if (!isBinary) {
      const path = `/v1/streams/${STREAM}/records?seq_num=${count}`;
      const { json, status } = await call(url, "GET", path, { basin: BASIN });
      expect(status).toBe(200);
      for (const { seq_num, body } of json.records) expectRecord(seq_num, count++, body);
      continue;
    }
    const answer = await fetch(`${url}/v1/streams/${STREAM}/records?seq_num=${count}`, {
      headers: { "s2-basin": BASIN, accept: "application/protobuf" },
    });
    const batch = decodeReadBatch(new Uint8Array(await answer.arrayBuffer()));
    for (const { seqNum, body } of batch.records)
      expectRecord(seqNum, count++, decodeUtf8Lossy(body));
  }
  return count;
}
