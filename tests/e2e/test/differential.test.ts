// The same stream read over every transport and format gives the same records, the same cuts for
// count, bytes and until, and the same failures; on both engines, plain and encrypted, stored and
// live.

import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ReadBatch, readBatchToJson } from "@s2kit/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Delivered,
  type ReadTarget,
  SESSION_TRANSPORTS,
  type Transport,
  UNARY_TRANSPORTS,
} from "./harness/read-transports.js";
import { startServer, type TestServer } from "./harness/server.js";

const BASIN = "differential-basin";
const KEY = Buffer.alloc(32, 5).toString("base64");
const T = 1_700_000_000_000;
/** Above every window and buffer on the way: it comes in many frames and chunks. */
const LARGE = 200_000;
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString("base64");

/** What a stream can hold: [headers, body, timestamp], one array for each append. */
const APPENDS: readonly (readonly (readonly [
  [string, string][],
  string | Uint8Array,
  number,
])[])[] = [
  [[[], "ordinary", T]],
  [
    [[], "", T],
    [
      [
        ["k", "v"],
        ["k", ""],
        ["ключ", "ünï🦀"],
      ],
      "with headers",
      T + 1,
    ],
    [[["bin", "\u0000\u0001"]], "", T + 1],
  ],
  [[[["", "fence"]], "writer-1", T + 2]],
  [
    [[], Uint8Array.from({ length: 256 }, (_, byte) => byte), T + 3],
    [[], "\uFEFFa byte order mark", T + 3],
    [[], Uint8Array.from([0xc3, 0x28, 0xff, 0xf0, 0x9f]), T + 4],
  ],
  [[[], "x".repeat(LARGE), T + 5]],
  [[[["", "fence"]], "", T + 5]],
  [
    [[], "large enough to be compressed ".repeat(60), T + 9],
    [[], "last", T + 10],
  ],
];
const COUNT = APPENDS.flat().length;

/** Sends JSON; over TLS without asking who the server is. */
function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  json: unknown,
): Promise<number> {
  const request = url.startsWith("https") ? httpsRequest : httpRequest;
  const options = {
    method,
    headers: { "s2-basin": BASIN, "content-type": "application/json", ...headers },
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end(JSON.stringify(json));
  });
}

async function fill(url: string, encryptionKey: string | undefined): Promise<void> {
  const config = encryptionKey === undefined ? {} : { stream_cipher: "aes-256-gcm" };
  expect(await send(`${url}/v1/basins/${BASIN}`, "PUT", {}, { config })).toBe(201);
  const stream = { timestamping: { mode: "client-prefer", uncapped: true } };
  expect(await send(`${url}/v1/streams/s`, "PUT", {}, stream)).toBe(201);
  const headers = { ...keyHeader(encryptionKey), "s2-format": "base64" };
  for (const append of APPENDS) {
    const records = append.map(([fields, body, timestamp]) => ({
      headers: fields.map(([name, value]) => [base64(name), base64(value)]),
      body: base64(body),
      timestamp,
    }));
    expect(await send(`${url}/v1/streams/s/records`, "POST", headers, { records })).toBe(200);
  }
}

function keyHeader(encryptionKey: string | undefined): Record<string, string> {
  return encryptionKey === undefined ? {} : { "s2-encryption-key": encryptionKey };
}

/** All that was delivered, in a form that compares: one string for each record. */
function recordsOf({ batches }: Delivered, lossy: boolean): string[] {
  const format = lossy ? "raw" : "base64";
  return batches.flatMap(({ records }) =>
    records.map((record) => JSON.stringify(readBatchToJson({ records: [record] }, format))),
  );
}

/** How two transports may differ: raw JSON cannot carry bytes that are not UTF-8. */
function isLossy(name: string): boolean {
  return name.endsWith("raw");
}

async function expectSame(
  target: ReadTarget,
  query: string,
  transports: Readonly<Record<string, Transport>>,
): Promise<Delivered> {
  const [reference] = Object.values(transports).slice(-1) as [Transport];
  const wanted = await reference(target, query);
  await Promise.all(
    Object.entries(transports).map(async ([name, read]) => {
      const got = await read(target, query);
      expect([got.status, got.error], `${name} ${query}`).toEqual([wanted.status, wanted.error]);
      const lossy = isLossy(name);
      expect(recordsOf(got, lossy), `${name} ${query}`).toEqual(recordsOf(wanted, lossy));
    }),
  );
  return wanted;
}

const ALL: Readonly<Record<string, Transport>> = { ...UNARY_TRANSPORTS, ...SESSION_TRANSPORTS };

describe.each([
  ["memory", "plain", undefined],
  ["disk", "plain", undefined],
  ["disk", "encrypted", KEY],
] as const)("reads of a stream in %s, %s,", (engine, _, encryptionKey) => {
  const directories: string[] = [];
  const servers: TestServer[] = [];
  let target: ReadTarget;
  beforeAll(async () => {
    for (const tls of [{}, { tls: { selfSigned: true } as const }]) {
      const directory = mkdtempSync(join(tmpdir(), "s2kit-differential-"));
      directories.push(directory);
      const storage = engine === "memory" ? { kind: engine } : { kind: engine, directory };
      servers.push(await startServer({ ...tls, storage, drainGraceMs: 0 }));
    }
    const [plain, secure] = servers as [TestServer, TestServer];
    await Promise.all([plain, secure].map(({ url }) => fill(url, encryptionKey)));
    target = { url: plain.url, tlsUrl: secure.url, basin: BASIN, stream: "s", encryptionKey };
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    for (const directory of directories) rmSync(directory, { recursive: true });
  });

  it("give everything, as it was written", async () => {
    const { batches } = await expectSame(target, `seq_num=0&count=${COUNT}`, ALL);
    const got = batches.flatMap(({ records }) =>
      records.map(({ headers, body, timestamp }) => [
        headers.map(([name, value]) => [base64(name), base64(value)]),
        base64(body),
        timestamp,
      ]),
    );
    const wanted = APPENDS.flat().map(([headers, body, timestamp]) => [
      headers.map(([name, value]) => [base64(name), base64(value)]),
      base64(body),
      timestamp,
    ]);
    expect(got).toEqual(wanted);
  });

  it("cut at every count, and at every timestamp", async () => {
    for (let count = 0; count <= COUNT + 1; count++)
      expect((await expectSame(target, `seq_num=0&count=${count}`, ALL)).status).toBe(200);
    for (let until = T; until <= T + 11; until++)
      await expectSame(target, `seq_num=0&until=${until}&count=1000`, ALL);
  });

  it("cut, start and fail alike for any query", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(queries(), async (query) => {
        await expectSame(target, query, ALL);
      }),
      { numRuns: 60, seed: 20_261_121 },
    );
  });

  it("follow with the same batches and the same tails", async () => {
    expect(await send(`${target.url}/v1/streams/live`, "PUT", {}, {})).toBe(201);
    const append = (count: number): Promise<number> => {
      const records = Array.from({ length: count }, () => ({ body: "live" }));
      const url = `${target.url}/v1/streams/live/records`;
      return send(url, "POST", keyHeader(encryptionKey), { records });
    };
    const live = { ...target, stream: "live" };
    const sessions = Object.entries(SESSION_TRANSPORTS).filter(([name]) => !name.includes("tls"));
    // Bounds that make a session follow, and end within the last append.
    const query = "seq_num=0&count=17&wait=60";
    const following: Promise<void>[] = [];
    const reads = sessions.map(([, read]) => {
      const seen: ReadBatch[] = [];
      let delivered: Promise<Delivered> | undefined;
      following.push(
        new Promise((resolve) => {
          delivered = read(live, query, (batch) => {
            seen.push(batch);
            // The first heartbeat tells that the session follows.
            resolve();
          });
        }),
      );
      return { seen, delivered };
    });
    await Promise.all(following);
    for (const count of [1, 3, 1, 5, 10]) expect(await append(count)).toBe(200);
    for (const [at, { seen, delivered }] of reads.entries()) {
      await delivered;
      const shape = seen.map(({ records, tail }) => [records.length, tail?.seqNum]);
      expect(shape, sessions[at]?.[0]).toEqual([
        [0, 0],
        [1, 1],
        [3, 4],
        [1, 5],
        [5, 10],
        [7, 20],
      ]);
    }
  });
});

/** Queries whose meaning is the same for one request and for a session: bounded, without a wait. */
function queries(): fc.Arbitrary<string> {
  const start = fc.oneof(
    fc.integer({ min: 0, max: COUNT + 3 }).map((n) => `seq_num=${n}`),
    fc.integer({ min: -2, max: 13 }).map((n) => `timestamp=${T + n}`),
    fc.integer({ min: 0, max: COUNT + 3 }).map((n) => `tail_offset=${n}`),
    fc.constant("seq_num=1&timestamp=2"),
    fc.constant("seq_num=-1"),
  );
  const bounds = fc.record(
    {
      bytes: fc.oneof(
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: LARGE - 1000, max: LARGE + 100_000 }),
      ),
      until: fc.integer({ min: T - 1, max: T + 12 }),
      clamp: fc.constantFrom("true", "false", "1"),
    },
    { requiredKeys: [] },
  );
  return fc
    .tuple(start, fc.integer({ min: 0, max: COUNT + 2 }), bounds)
    .map(([from, count, more]) =>
      [
        from,
        `count=${count}`,
        ...Object.entries(more).map(([name, value]) => `${name}=${value}`),
      ].join("&"),
    );
}
