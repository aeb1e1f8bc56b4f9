// Read sessions over every carrier: catching up, heartbeats, following, bounds, compression.
// Events have a suite of their own. Spec: data-plane#read-session.

import type { Case, Suite } from "../../case.js";
import { frameOf, takeFrames } from "../../codec/frame.js";
import { type Batch, decodeBatch } from "../../codec/messages.js";
import { equal, includes, ok } from "../../expect.js";
import type { Session } from "../../probe/session.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { perCarrier } from "./per-carrier.js";

/** All batches until a clean end. */
async function batchesOf(session: Session): Promise<readonly Batch[]> {
  const frames = await session.rest();
  ok(
    frames.every((frame) => !frame.isTerminal),
    "a clean end has no terminal frame",
  );
  const batches = frames.map((frame) => decodeBatch(frame.message));
  ok(
    batches.every(({ records, tail }) => records.length > 0 || tail !== undefined),
    "a batch with neither records nor tail",
  );
  return batches;
}

const numbers = (batches: readonly Batch[]): number[] =>
  batches.flatMap(({ records }) => records.map((record) => record.seq_num));

async function follows(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b");
  const session = await stream.open("read", over, "seq_num=0");
  const stored = await session.batch();
  equal(
    stored.records.map(({ body }) => body),
    ["a", "b"],
    "stored records",
  );
  const heartbeat = await session.batch();
  equal(
    [heartbeat.records, heartbeat.tail?.seq_num],
    [[], 2],
    "a heartbeat at once when following starts",
  );
  const ack = await stream.bodies("c", "d");
  const live = await session.batch();
  equal(
    live.records.map(({ body }) => body),
    ["c", "d"],
    "a live append is one batch",
  );
  equal(live.tail, ack.tail, "with the tail after it");
  session.destroy();
}

async function emptyStream(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  const frame = await session.next();
  equal(frame?.body.toString("hex"), "1200", "heartbeat of the vectors: tail (0, 0)");
  equal(frame?.flags, 0, "flags");
}

async function withoutStart(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("old");
  const session = await stream.open("read", over);
  equal((await session.batch()).tail?.seq_num, 1, "no start is the tail");
  await stream.bodies("new");
  equal(
    (await session.batch()).records.map(({ body }) => body),
    ["new"],
    "live",
  );
}

async function heartbeats(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  await session.batch();
  const started = context.shared.clock.monotonic();
  const heartbeat = await session.batch(20_000);
  const took = context.shared.clock.monotonic() - started;
  equal([heartbeat.records, heartbeat.tail], [[], { seq_num: 0, timestamp: 0 }], "heartbeat");
  ok(took > 4000 && took < 17_000, `a heartbeat came after ${Math.round(took)} ms, not 5 to 15 s`);
}

const ENDS: readonly (readonly [string, readonly number[]])[] = [
  ["seq_num=0&count=2", [0, 1]],
  ["seq_num=0&bytes=18", [0, 1]],
  ["seq_num=0&bytes=17", [0]],
  ["seq_num=0&until=25", [0, 1]],
  ["seq_num=0&wait=0", [0, 1, 2]],
  ["seq_num=0&count=99", [0, 1, 2]],
  ["seq_num=0&count=0", []],
  ["seq_num=3&wait=0", []],
  ["timestamp=11&wait=0", [1, 2]],
  ["tail_offset=1&wait=0", [2]],
  ["seq_num=3&count=0", []],
  ["seq_num=9&bytes=0", []],
  ["count=0&wait=60", []],
];

const ends = ENDS.flatMap(([query, expected]) =>
  perCarrier(
    `ends-${query.replace(/[^a-z0-9]+/g, "-")}`,
    "d#read-session d#waiting d#what-is-selected",
    `?${query} gives ${expected.length} records and a clean end`,
    async (context, over) => {
      const stream = await context.stream();
      await stream.append([10, 20, 30].map((timestamp) => ({ timestamp, body: "x" })));
      const session = await stream.open("read", over, query);
      equal(numbers(await batchesOf(session)), expected, "records");
      if (over === "ws") equal(session.closeCode(), 1000, "close code");
    },
  ),
);

async function liveBound(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&bytes=20&wait=20");
  await session.batch();
  const ack = await stream.bodies("aa", "bb", "cc");
  const batches = await batchesOf(session);
  equal(numbers(batches), [0, 1], "what does not fit is not sent");
  equal(batches[0]?.tail, ack.tail, "the tail is there also when a bound cuts the records");
}

async function waitBetween(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&wait=2");
  await session.batch();
  const started = context.shared.clock.monotonic();
  await context.sleep(1300);
  await stream.bodies("a");
  await session.batch();
  equal(await session.next(), undefined, "the end");
  const took = context.shared.clock.monotonic() - started;
  ok(took > 3000, `the wait did not begin anew with a batch: ${Math.round(took)} ms`);
}

async function splits(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  for (let index = 0; index < 2; index++)
    await stream.append(Array.from({ length: 900 }, () => ({})));
  const session = await stream.open("read", over, "seq_num=0&wait=0");
  const batches = await batchesOf(session);
  ok(
    batches.every(({ records }) => records.length <= 1000),
    "a batch above 1000 records",
  );
  equal(
    numbers(batches),
    Array.from({ length: 1800 }, (_, index) => index),
    "numbers",
  );
}

async function splitsBytes(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  for (let index = 0; index < 3; index++) await stream.bodies("x".repeat(700_000));
  const session = await stream.open("read", over, "seq_num=0&wait=0");
  const batches = await batchesOf(session);
  for (const { records } of batches)
    ok(
      records.reduce((sum, { body }) => sum + 8 + body.length, 0) <= 1_048_576,
      "a batch above 1 MiB",
    );
  equal(numbers(batches), [0, 1, 2], "numbers");
}

async function compression(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("x".repeat(20_000));
  for (const [accepted, expected] of [
    ["gzip, zstd", "zstd"],
    ["gzip", "gzip"],
  ] as const) {
    const session = await stream.open("read", over, "seq_num=0", { "accept-encoding": accepted });
    const big = await session.next();
    equal(big?.compression, expected, `compression for ${accepted}`);
    equal(
      decodeBatch(big?.message ?? Buffer.alloc(0)).records[0]?.body.length,
      20_000,
      "length of the body",
    );
    equal((await session.next())?.compression, "none", "a small message");
    equal(session.headers["content-encoding"], undefined, "content-encoding");
    session.destroy();
  }
  const plain = await stream.open("read", over, "seq_num=0&count=1");
  equal((await plain.next())?.compression, "none", "without asking");
}

async function refusedEncoding(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("x".repeat(20_000));
  const session = await stream.open("read", over, "seq_num=0&count=1", {
    "accept-encoding": "zstd;q=0, gzip",
  });
  equal((await session.next())?.compression, "gzip", "q=0 refuses");
}

async function headers(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  equal(session.headers["content-type"], "s2s/proto", "content-type");
  equal(session.headers["x-accel-buffering"], "no", "x-accel-buffering");
  for (const word of ["no-cache", "no-store", "no-transform"])
    ok((session.headers["cache-control"] ?? "").includes(word), `cache-control lacks ${word}`);
}

async function mediaType(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  for (const type of ["S2S/PROTO", "s2s/proto; v=1", "s2s/proto, application/json"]) {
    const session = await stream.open("read", over, "seq_num=0&count=1", { "content-type": type });
    equal(session.headers["content-type"], "s2s/proto", `answer to ${type}`);
    equal(numbers(await batchesOf(session)), [0], "records");
  }
}

const REFUSED: readonly (readonly [string, number, object])[] = [
  ["seq_num=5", 416, { tail: { seq_num: 0, timestamp: 0 } }],
  ["seq_num=0&count=1", 416, { tail: { seq_num: 0, timestamp: 0 } }],
  ["seq_num=0&timestamp=1", 422, { code: "invalid" }],
  ["timestamp=5&until=5", 422, { code: "invalid" }],
  ["seq_num=x", 400, { code: "bad_query" }],
  ["seq_num=1&seq_num=2", 400, { code: "bad_query" }],
  ["clamp=1", 400, { code: "bad_query" }],
];

const refusals = REFUSED.flatMap(([query, status, body]) =>
  perCarrier(
    `refused-${query.replace(/[^a-z0-9]+/g, "-")}`,
    "d#read-session d#where-a-read-starts d#parameters",
    `?${query} is ${status}`,
    async (context, over) => {
      const stream = await context.stream();
      const session = await stream.open("read", over, query);
      const refusal = session.refusal ?? (await session.terminal());
      equal(refusal.status, status, "status");
      includes(refusal.json, body, "body");
    },
  ),
);

async function liveVector(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  await session.batch();
  await stream.append([{ timestamp: 1_713_812_735_000, headers: [["k", "v"]], body: "hello" }]);
  const t = "98 88 cc b9 f0 31";
  const expected = `0a 16 10 ${t} 1a 06 0a 01 6b 12 01 76 22 05 68 65 6c 6c 6f 12 09 08 01 10 ${t}`;
  equal(
    (await session.next())?.body.toString("hex"),
    expected.replaceAll(" ", ""),
    "bytes of a live batch",
  );
}

async function everyAppendIsABatch(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&count=40&wait=20");
  await Promise.all(Array.from({ length: 20 }, (_, index) => stream.bodies(`${index}`, "x")));
  equal(
    numbers(await batchesOf(session)),
    Array.from({ length: 40 }, (_, index) => index),
    "nothing is missed, nothing comes twice",
  );
}

async function clamped(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const session = await stream.open("read", over, "seq_num=99&clamp=true");
  equal((await session.batch()).tail?.seq_num, 1, "the start becomes the tail");
}

async function oneFrameEach(context: Context): Promise<void> {
  // The codec of this package against itself: what it takes apart is what it put together.
  const taken = takeFrames(
    Buffer.concat([frameOf(Buffer.from("a")), frameOf(Buffer.from("b"), 0x10)]),
  );
  equal(
    taken.frames.map(({ isAdvised }) => isAdvised),
    [false, true],
    "own codec",
  );
  const stream = await context.stream();
  const session = await stream.open("read", "h1", "seq_num=0&wait=0", {
    "s2-format": "bogus",
    accept: "text/html",
  });
  equal(session.refusal, undefined, "format and Accept say nothing to S2S");
}

export const READ_SESSION: Suite = {
  name: "read-session",
  title: "Read sessions",
  cases: [
    ...perCarrier(
      "follows",
      "d#read-session d#following d#s2s",
      "stored records, a heartbeat, then live batches with their tail",
      follows,
    ),
    ...perCarrier(
      "empty-stream",
      "d#read-session d#vectors",
      "an empty stream begins with the heartbeat of the vectors",
      emptyStream,
    ),
    ...perCarrier(
      "without-start",
      "d#parameters d#read-session",
      "no start means the tail",
      withoutStart,
    ),
    ...perCarrier(
      "heartbeats",
      "d#read-session",
      "a heartbeat 5 to 15 s after the last frame",
      heartbeats,
      { isSlow: true },
    ),
    ...ends,
    ...perCarrier(
      "live-bound",
      "d#read-session d#waiting",
      "a bound that live records reach ends it",
      liveBound,
    ),
    ...perCarrier("wait-between", "d#waiting", "wait is the time between deliveries", waitBetween, {
      isSlow: true,
    }),
    ...perCarrier(
      "splits-records",
      "d#limits d#read-session",
      "a batch has at most 1000 records",
      splits,
    ),
    ...perCarrier(
      "splits-bytes",
      "d#limits d#read-session",
      "a batch has at most 1 MiB",
      splitsBytes,
    ),
    ...perCarrier(
      "compression",
      "d#frames c#request-headers",
      "zstd if it is named, else gzip, from 1024 bytes on",
      compression,
    ),
    ...perCarrier("encoding-q-0", "d#frames", "q=0 refuses an encoding", refusedEncoding, {
      carriers: ["h1", "h2"],
    }),
    ...perCarrier(
      "headers",
      "d#sse d#which-format-is-spoken",
      "sessions are not buffered, stored or transformed",
      headers,
      { carriers: ["h1", "h2"] },
    ),
    ...refusals,
    ...perCarrier(
      "media-type",
      "d#which-format-is-spoken",
      "the first media type counts, in any case, without its parameters",
      mediaType,
      { carriers: ["h1", "h2"] },
    ),
    ...perCarrier(
      "live-vector",
      "d#vectors d#messages",
      "a live batch has the bytes of the vectors",
      liveVector,
    ),
    ...perCarrier(
      "no-gap",
      "d#following d#guarantees",
      "appends beside a session are delivered once each",
      everyAppendIsABatch,
    ),
    ...perCarrier(
      "clamped",
      "d#where-a-read-starts",
      "a clamped start beyond the tail follows",
      clamped,
    ),
    ...perCarrier(
      "format-means-nothing",
      "d#which-format-is-spoken",
      "format and Accept say nothing",
      oneFrameEach,
      { carriers: ["h1"] },
    ),
  ] satisfies readonly Case[],
};
