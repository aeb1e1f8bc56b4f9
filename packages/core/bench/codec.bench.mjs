// The codec beside protobuf-es and protobufjs, in one process and one run: `pnpm bench`. Each figure
// is the median of five rounds that take turns, so that a busy machine slows all alike. Build first.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import protobufjs from "protobufjs";
import {
  decodeAppendInput,
  decodeReadBatch,
  encodeAppendInput,
  encodeReadBatch,
} from "../dist/index.js";
import {
  AppendBatch,
  maxTranscodedBytes,
  scanAppendInput,
  transcodeBatch,
} from "../dist/server.js";
import { AppendInputSchema, ReadBatchSchema } from "../test/fixtures/s2_pb.ts";

const ROUNDS = 5;
const ROUND_MS = Number(process.env.BENCH_ROUND_MS ?? 60);

const SHAPES = [
  { name: "100 x 1 KiB", count: 100, bodyBytes: 1024 },
  { name: "1000 x 100 B", count: 1000, bodyBytes: 100 },
  { name: "1 x 1 MiB", count: 1, bodyBytes: 1024 * 1024 - 8 },
];

const root = protobufjs.parse(
  readFileSync(new URL("../fixtures/s2.proto", import.meta.url), "utf8"),
  { keepCase: false },
).root;
const PbjsAppendInput = root.lookupType("s2.v1.AppendInput");
const PbjsReadBatch = root.lookupType("s2.v1.ReadBatch");

/** Each case: our way, the other two ways to the same result, and how often one call is a record. */
function casesOf({ count, bodyBytes }) {
  const body = new Uint8Array(bodyBytes).fill(0x61);
  const timestamp = 1_713_812_735_000;
  const input = {
    records: Array.from({ length: count }, () => ({ headers: [], body })),
  };
  const readBatch = {
    records: Array.from({ length: count }, (_, i) => ({
      seqNum: 1_000_000 + i,
      timestamp: timestamp + i,
      headers: [],
      body,
    })),
  };
  const inputBytes = encodeAppendInput(input);
  const readBytes = encodeReadBatch(readBatch);
  const esInput = fromBinary(AppendInputSchema, inputBytes);
  const esRead = fromBinary(ReadBatchSchema, readBytes);
  const jsInput = PbjsAppendInput.decode(inputBytes);
  const jsRead = PbjsReadBatch.decode(readBytes);

  const batch = scanAppendInput(inputBytes, new AppendBatch());
  batch.timestamps.fill(timestamp);
  const staging = new Uint8Array(maxTranscodedBytes(batch));
  return [
    {
      name: "encode AppendInput",
      ours: () => encodeAppendInput(input),
      es: () => toBinary(AppendInputSchema, esInput),
      js: () => PbjsAppendInput.encode(jsInput).finish(),
    },
    {
      name: "decode AppendInput",
      ours: () => decodeAppendInput(inputBytes),
      es: () => fromBinary(AppendInputSchema, inputBytes),
      js: () => PbjsAppendInput.decode(inputBytes),
    },
    {
      name: "encode ReadBatch",
      ours: () => encodeReadBatch(readBatch),
      es: () => toBinary(ReadBatchSchema, esRead),
      js: () => PbjsReadBatch.encode(jsRead).finish(),
    },
    {
      name: "decode ReadBatch",
      ours: () => decodeReadBatch(readBytes),
      es: () => fromBinary(ReadBatchSchema, readBytes),
      js: () => PbjsReadBatch.decode(readBytes),
    },
    { name: "scan", ours: () => scanAppendInput(inputBytes, batch) },
    { name: "transcode", ours: () => transcodeBatch(batch, 1_000_000, staging, 0) },
    {
      name: "scan + transcode",
      ours: () => transcodeBatch(scanAppendInput(inputBytes, batch), 1_000_000, staging, 0),
      // What a server with values would do: decode the request, encode what it stores.
      es: () => {
        fromBinary(AppendInputSchema, inputBytes);
        return toBinary(ReadBatchSchema, esRead);
      },
      js: () => {
        PbjsAppendInput.decode(inputBytes);
        return PbjsReadBatch.encode(jsRead).finish();
      },
    },
  ];
}

let sink = 0;

/** Nanoseconds per call, in one timed round. */
function timed(run) {
  let calls = 0;
  const start = performance.now();
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    for (let i = 0; i < 16; i++) sink += run() === undefined ? 0 : 1;
    calls += 16;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1e6) / calls;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

console.log(
  `node ${process.version}, ${cpus()[0]?.model ?? "unknown cpu"}, median of ${ROUNDS} rounds`,
);
console.log("times in microseconds per batch; ratio = their time / ours");
for (const shape of SHAPES) {
  const rows = {};
  for (const test of casesOf(shape)) {
    const ways = Object.entries(test).filter(([key]) => key !== "name");
    const results = Object.fromEntries(ways.map(([key]) => [key, []]));
    for (const [, run] of ways) timed(run);
    for (let round = 0; round < ROUNDS; round++)
      for (const [key, run] of ways) results[key].push(timed(run));
    const ours = median(results.ours);
    const es = results.es && median(results.es);
    const js = results.js && median(results.js);
    rows[test.name] = {
      "ours µs": (ours / 1000).toFixed(2),
      "M records/s": ((shape.count / ours) * 1000).toFixed(1),
      "protobuf-es µs": es ? (es / 1000).toFixed(2) : "",
      "ratio es": es ? (es / ours).toFixed(2) : "",
      "protobufjs µs": js ? (js / 1000).toFixed(2) : "",
      "ratio js": js ? (js / ours).toFixed(2) : "",
    };
  }
  console.log(`\n${shape.name}`);
  console.table(rows);
}
if (sink < 0) console.log(sink);
