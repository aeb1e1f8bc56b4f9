// Sizes and counts at their bounds and one beyond, in every format.
// Names and control bodies have theirs in control/. Spec: data-plane#limits.

import { gzipSync, zstdCompressSync } from "node:zlib";
import { define, type Suite } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { bytesField } from "../../codec/protobuf.js";
import { equal, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const MIB = 1_048_576;

async function recordsInABatch(context: Context): Promise<void> {
  const stream = await context.stream();
  const many = (count: number): object[] => Array.from({ length: count }, () => ({ body: "x" }));
  equal((await stream.append(many(1000))).end.seq_num, 1000, "1000 records");
  refused(await stream.post({ records: many(1001) }), 422, "invalid");
  refused(await stream.postProto(encodeInput({ records: many(1001) })), 422, "invalid");
  equal(
    status(await stream.postProto(encodeInput({ records: many(1000) })), 200).json.end.seq_num,
    2000,
    "protobuf",
  );
}

async function bytesOfARecord(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = (size: number): string => "x".repeat(size - 8);
  status(await stream.post({ records: [{ body: body(MIB) }] }), 200);
  refused(await stream.post({ records: [{ body: body(MIB + 1) }] }), 422, "invalid");
  status(await stream.postProto(encodeInput({ records: [{ body: body(MIB) }] })), 200);
  refused(
    await stream.postProto(encodeInput({ records: [{ body: body(MIB + 1) }] })),
    422,
    "invalid",
  );
  const base64 = (size: number): object => ({
    records: [{ body: Buffer.from(body(size)).toString("base64") }],
  });
  const headers = { "s2-format": "base64" };
  status(await stream.post(base64(MIB), { headers }), 200);
  refused(await stream.post(base64(MIB + 1), { headers }), 422, "invalid");
  await stream.hasTail(3);
}

async function bytesOfABatch(context: Context): Promise<void> {
  const stream = await context.stream();
  // Header: 2 + name + value. 8 + 2 + 1 + 1 + half.
  const half = (extra: number): object => ({
    headers: [["k", "v"]],
    body: "x".repeat(MIB / 2 - 12 + extra),
  });
  status(await stream.post({ records: [half(0), half(0)] }), 200);
  refused(await stream.post({ records: [half(0), half(1)] }), 422, "invalid");
  await stream.hasTail(2);
}

async function metering(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([
    {},
    { body: "lorem" },
    { headers: [["k", "v"]], body: "hello" },
    { body: "äöü" },
    {
      headers: [
        ["a", ""],
        ["b", "ß"],
      ],
    },
  ]);
  // 8, 13, 17, 14 and 8 + 4 + 1 + 3: found by bounds, one byte below and exactly.
  let total = 0;
  for (const [index, metered] of [8, 13, 17, 14, 16].entries()) {
    total += metered;
    equal(
      (await stream.numbers(`seq_num=0&bytes=${total}`)).length,
      index + 1,
      `records within ${total} bytes`,
    );
    equal(
      (await stream.numbers(`seq_num=0&bytes=${total - 1}`)).length,
      index,
      `records within ${total - 1} bytes`,
    );
  }
}

async function escapesDoNotCount(context: Context): Promise<void> {
  const stream = await context.stream();
  // Six characters of JSON for one byte: 6 MiB of text, and exactly 1 MiB metered.
  const body = (count: number): string => `{"records":[{"body":"${"\\u0001".repeat(count)}"}]}`;
  status(await stream.postText(body(MIB - 8)), 200);
  refused(await stream.postText(body(MIB - 7)), 422, "invalid");
  await stream.hasTail(1);
}

async function eightMebibytesOfJson(context: Context): Promise<void> {
  const stream = await context.stream();
  const sized = (total: number): string => {
    const head = '{"records":[{"body":"x"}],"pad":"';
    return `${head}${"p".repeat(total - head.length - 2)}"}`;
  };
  status(await stream.postText(sized(8 * MIB)), 200);
  refused(await stream.postText(sized(8 * MIB + 1)), 400, "bad_json");
  await stream.hasTail(1);
}

async function twoMebibytesOfProtobuf(context: Context): Promise<void> {
  const stream = await context.stream();
  const input = encodeInput({ records: [{ body: "x" }] });
  // An unknown field fills it up: tag and three bytes of length.
  const sized = (total: number): Uint8Array =>
    Buffer.concat([input, bytesField(14, Buffer.alloc(total - input.length - 4))]);
  equal(sized(2 * MIB).length, 2 * MIB, "own size");
  status(await stream.postProto(sized(2 * MIB)), 200);
  refused(await stream.postProto(sized(2 * MIB + 1)), 400, "bad_proto");
  await stream.hasTail(1);
}

async function inflatedBodies(context: Context): Promise<void> {
  const stream = await context.stream();
  const json = Buffer.from(`{"records":[{}],"pad":"${"x".repeat(9 * MIB)}"}`);
  for (const [encoding, body] of [
    ["gzip", gzipSync(json)],
    ["zstd", zstdCompressSync(json)],
  ] as const) {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const { basin } = stream;
    const answer = await context.call("POST", stream.path, { basin, headers, body });
    refused(answer, 400, "bad_json", `9 MiB in ${body.length} bytes of ${encoding}`);
  }
  await stream.hasTail(0);
}

async function readBatches(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append(Array.from({ length: 1000 }, () => ({})));
  await stream.append(Array.from({ length: 100 }, () => ({})));
  for (const query of ["seq_num=0", "seq_num=0&count=5000", "seq_num=0&count=18446744073709551615"])
    equal((await stream.numbers(query)).length, 1000, query);
  const large = await context.stream();
  for (let index = 0; index < 2; index++) await large.bodies("x".repeat(700_000));
  for (const query of ["seq_num=0", "seq_num=0&bytes=99999999"])
    equal((await large.numbers(query)).length, 1, query);
}

export const LIMITS: Suite = {
  name: "limits",
  title: "Limits",
  cases: [
    define("records-in-a-batch", "d#limits", "1 to 1000 records", recordsInABatch),
    define(
      "bytes-of-a-record",
      "d#limits d#metered-size",
      "a record has up to 1 MiB metered, in every format",
      bytesOfARecord,
    ),
    define(
      "bytes-of-a-batch",
      "d#limits d#metered-size",
      "a batch has up to 1 MiB metered, headers included",
      bytesOfABatch,
    ),
    define(
      "metered-size",
      "d#metered-size d#what-is-selected",
      "8, 2 for each header, and the bytes",
      metering,
    ),
    define(
      "escapes-do-not-count",
      "d#metered-size",
      "JSON escapes do not change the size",
      escapesDoNotCount,
    ),
    define(
      "json-body-8-mib",
      "d#limits",
      "a JSON append has up to 8 MiB of text",
      eightMebibytesOfJson,
    ),
    define(
      "protobuf-body-2-mib",
      "d#limits",
      "a protobuf append has up to 2 MiB",
      twoMebibytesOfProtobuf,
    ),
    define(
      "inflated-bodies",
      "d#limits c#request-headers",
      "the bound on a body is looked at after content-encoding",
      inflatedBodies,
    ),
    define(
      "read-batch",
      "d#limits d#parameters",
      "an answer has at most 1000 records and 1 MiB",
      readBatches,
    ),
  ],
};
