// The heads and frames of read sessions over every carrier: sizes, compression, headers, vectors.
// Cases of the suite in read-session.ts. Spec: data-plane#frames.

import type { Case } from "../../case.js";
import { frameOf, takeFrames } from "../../codec/frame.js";
import { decodeBatch } from "../../codec/messages.js";
import { equal, ok } from "../../expect.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { batchesOf, numbers } from "./batches.js";
import { perCarrier } from "./per-carrier.js";

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

export const READ_SESSION_FRAMES: readonly Case[] = [
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
    "format-means-nothing",
    "d#which-format-is-spoken",
    "format and Accept say nothing",
    oneFrameEach,
    { carriers: ["h1"] },
  ),
];
