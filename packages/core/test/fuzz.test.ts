// Byte fuzz: hostile input of every decoder, 220 000 inputs from one seed. Nothing but the coded error
// may come out, decoders must agree with one another, and memory follows the bytes that came. Another
// seed, or more: FUZZ_SEED=7 FUZZ_FACTOR=10 pnpm test:fuzz.

import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_BATCH_RECORDS } from "../src/caps.js";
import { S2Error } from "../src/error.js";
import { appendInputFromJson, readBatchFromJson } from "../src/json/records.js";
import { parseJson } from "../src/json/shape.js";
import { decodeAppendAck, encodeAppendAck } from "../src/proto/append-ack.js";
import { decodeAppendInput, encodeAppendInput } from "../src/proto/append-input.js";
import { canonicalAppendInput } from "../src/proto/canonical-append.js";
import { decodeReadBatch, encodeReadBatch } from "../src/proto/read-batch.js";
import { scanAppendInput } from "../src/proto/scan-append.js";
import { SequencedWalker } from "../src/proto/sequenced-walker.js";
import { maxTranscodedBytes, transcodeBatch } from "../src/proto/transcode.js";
import { WireReader } from "../src/proto/wire-reader.js";
import { type Random, randomInteger, seededRandom } from "../src/random.js";
import { AppendBatch } from "../src/record/append-batch.js";
import { batchMeteredBytes } from "../src/record/metering.js";
import type { AppendInput } from "../src/record/record.js";
import { encodeMessageFrame, encodeTerminalFrame } from "../src/s2s/frame.js";
import { createFrameDecoder } from "../src/s2s/frame-decoder.js";
import { decodeReadEvent } from "../src/sse/event.js";
import { createSseParser } from "../src/sse/parser.js";
import { encodeUtf8 } from "../src/text/utf8.js";
import { AppendInputSchema } from "./fixtures/s2_pb.js";
import { encodeUnusually } from "./properties/unusual-encoder.js";
import { bytesOf, vectorsOf } from "./vectors/load.js";

const SEED = Number(process.env.FUZZ_SEED ?? 1);
const FACTOR = Number(process.env.FUZZ_FACTOR ?? 1);
const TIMEOUT_MS = 60_000 * FACTOR;

/** Most inputs are refused, and nobody looks at where from: a trace costs more than the refusal. */
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const INTERESTING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0x7f, 0x80, 0xff];

/** A few edits of a few bytes: flips, interesting values, cuts, repeats and insertions. */
function mutated(source: Uint8Array, random: Random): Uint8Array {
  let bytes = new Uint8Array(source);
  for (let edits = randomInteger(random, 1, 4); edits > 0; edits--) {
    const at = randomInteger(random, 0, bytes.length);
    const length = randomInteger(random, 1, 8);
    switch (randomInteger(random, 0, 5)) {
      case 0:
        if (at < bytes.length)
          bytes[at] = (bytes[at] as number) ^ (1 << randomInteger(random, 0, 7));
        break;
      case 1:
        if (at < bytes.length)
          bytes[at] = INTERESTING[randomInteger(random, 0, INTERESTING.length - 1)] as number;
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 4:
        bytes = joined(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      default:
        bytes = joined(bytes.subarray(0, at), random.bytes(length), bytes.subarray(at));
    }
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Mutations of the corpus, now and then nothing but noise. */
function* inputs(corpus: readonly Uint8Array[], count: number, random: Random) {
  for (let i = 0; i < count * FACTOR; i++) {
    const source = corpus[randomInteger(random, 0, corpus.length - 1)] as Uint8Array;
    yield i % 16 === 0
      ? random.bytes(randomInteger(random, 0, 40))
      : i % 16 === 1
        ? source
        : mutated(source, random);
  }
}

/** The value, or the code of the coded error; anything else that is thrown fails the test. */
function outcome<T>(run: () => T): { value: T } | { code: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof S2Error) return { code: error.code };
    throw error;
  }
}

function codeOf(result: { value: unknown } | { code: string }): string {
  return "code" in result ? result.code : "ok";
}

/** As `expect(actual).toBe(expected)`, which is too slow for hundreds of thousands of checks. */
function agree<T>(actual: T, expected: T): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

const NOT_THERE = Uint8Array.of(1);

/** Counts outcomes, so that a run which only ever sees one of them is noticed. */
class Tally {
  private readonly counts = new Map<string, number>();

  add(code: string): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
  }

  get codes(): string[] {
    return [...this.counts.keys()].sort();
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

interface MessageVector {
  readonly type: string;
  readonly hex: string;
}

function messagesOf(type: string): Uint8Array[] {
  return vectorsOf<MessageVector>("messages.json")
    .filter((vector) => vector.type === type)
    .map(({ hex }) => bytesOf(hex));
}

const RECORDS: AppendInput["records"] = [
  { headers: [[encodeUtf8("k"), encodeUtf8("v")]], body: encodeUtf8("hello") },
  { timestamp: 1_713_812_735_000, headers: [], body: new Uint8Array(0) },
  { headers: [[new Uint8Array(0), encodeUtf8("fence")]], body: encodeUtf8("token") },
  { headers: [[new Uint8Array(0), encodeUtf8("trim")]], body: new Uint8Array(8) },
];

function appendCorpus(random: Random): Uint8Array[] {
  const whole: AppendInput = { records: RECORDS, matchSeqNum: 300, fencingToken: "t" };
  return [
    ...messagesOf("AppendInput"),
    encodeAppendInput(whole),
    ...RECORDS.map((record) => encodeAppendInput({ records: [record] })),
    ...Array.from({ length: 40 }, () => encodeUnusually(whole, random)),
  ];
}

describe("fuzzed appends", () => {
  it(
    "decode, scan, rewrite and transcode without contradiction",
    () => {
      const random = seededRandom(SEED);
      const batch = new AppendBatch();
      const tally = new Tally();
      for (const bytes of inputs(appendCorpus(random), 90_000, random)) {
        const decoded = outcome(() => decodeAppendInput(bytes));
        const scanned = outcome(() => scanAppendInput(bytes, batch));
        tally.add(codeOf(scanned));
        // One format, two readers: what one cannot read, the other cannot either.
        agree(codeOf(scanned) === "bad_proto", codeOf(decoded) === "bad_proto");
        if ("code" in decoded) continue;
        agree(canonicalAppendInput(bytes).length <= bytes.length, true);
        if ("value" in scanned) checkTranscoded(decoded.value, batch);
      }
      expect(tally.total).toBe(90_000 * FACTOR);
      expect(tally.codes).toEqual(["bad_proto", "invalid", "ok"]);
    },
    TIMEOUT_MS,
  );

  it(
    "that we read are read by a generated codec too, with the same values",
    () => {
      const random = seededRandom(SEED + 1);
      const tally = new Tally();
      for (const bytes of inputs(appendCorpus(random), 20_000, random)) {
        const decoded = outcome(() => decodeAppendInput(bytes));
        tally.add(codeOf(decoded));
        // The generated codec trusts the wire type of fields that it knows; the format says to skip.
        if ("code" in decoded || hasForeignWireType(bytes)) continue;
        const message = fromBinary(AppendInputSchema, bytes);
        agree(message.fencingToken, decoded.value.fencingToken);
        agree(message.records.length, decoded.value.records.length);
        for (const [i, record] of message.records.entries()) {
          const ours = decoded.value.records[i];
          agree(Buffer.compare(record.body, ours?.body ?? NOT_THERE), 0);
          agree(record.headers.length, ours?.headers.length);
          agree(record.timestamp === undefined, ours?.timestamp === undefined);
        }
      }
      expect(tally.codes).toEqual(["bad_proto", "ok"]);
    },
    TIMEOUT_MS,
  );
});

/** Field number to wire type, and the fields inside of sub-messages. */
interface Shape {
  readonly [field: number]: readonly [wireType: number, inner?: Shape];
}

const HEADER_SHAPE: Shape = { 1: [2], 2: [2] };
const RECORD_SHAPE: Shape = { 1: [0], 2: [2, HEADER_SHAPE], 3: [2] };
const INPUT_SHAPE: Shape = { 1: [2, RECORD_SHAPE], 2: [0], 3: [2] };

function hasForeignWireType(bytes: Uint8Array, shape: Shape = INPUT_SHAPE): boolean {
  const reader = new WireReader(bytes);
  while (!reader.isDone) {
    const tag = reader.tag();
    const [wireType, inner] = shape[tag >>> 3] ?? [tag & 7];
    if (wireType !== (tag & 7)) return true;
    if (inner === undefined) reader.skip(tag);
    else if (hasForeignWireType(reader.view(), inner)) return true;
  }
  return false;
}

function checkTranscoded(input: AppendInput, batch: AppendBatch): void {
  agree(batch.count, input.records.length);
  agree(batch.count <= MAX_BATCH_RECORDS, true);
  agree(batch.meteredBytes, batchMeteredBytes(input.records));
  batch.timestamps.fill(1, 0, batch.count);
  const out = new Uint8Array(maxTranscodedBytes(batch));
  const end = transcodeBatch(batch, 1, out, 0);
  const stored = decodeReadBatch(out.subarray(0, end)).records;
  const expected = input.records.map(({ headers, body }, i) => ({
    seqNum: 1 + i,
    timestamp: 1,
    headers,
    body,
  }));
  const same = Buffer.compare(
    encodeReadBatch({ records: stored }),
    encodeReadBatch({ records: expected }),
  );
  agree(same, 0);
}

describe("an append of two million bytes", () => {
  const unusual = Uint8Array.of(0x9a, 0x06, 0x00);

  it.each([
    ["empty records", () => new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0))],
    [
      "empty headers",
      () => {
        const headers = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x12 : 0));
        return joined(Uint8Array.of(0x0a, 0x80, 0x89, 0x7a), headers);
      },
    ],
  ])("of nothing but %s is refused, also in an unusual form", (_, build) => {
    const bytes = build();

    expect(codeOf(outcome(() => scanAppendInput(bytes)))).toBe("invalid");
    const record = Uint8Array.of(0x0a, unusual.length, ...unusual);
    expect(codeOf(outcome(() => scanAppendInput(joined(record, bytes))))).toBe("invalid");
  });
});

describe("fuzzed answers", () => {
  it(
    "decode, or fail with a code, and walk as they decode",
    () => {
      const random = seededRandom(SEED + 2);
      const ack = encodeAppendAck({
        start: { seqNum: 42, timestamp: 1_713_812_735_000 },
        end: { seqNum: 44, timestamp: 1_713_812_735_012 },
        tail: { seqNum: 50, timestamp: 1_713_812_735_020 },
      });
      const batch = encodeReadBatch({
        records: RECORDS.map(({ headers, body }, seqNum) => ({
          seqNum,
          timestamp: 1_713_812_735_000,
          headers,
          body,
        })),
        tail: { seqNum: 4, timestamp: 1_713_812_735_000 },
      });
      const corpus = [...messagesOf("ReadBatch"), ...messagesOf("AppendAck"), ack, batch];
      const tally = new Tally();
      for (const bytes of inputs(corpus, 40_000, random)) {
        tally.add(codeOf(outcome(() => decodeAppendAck(bytes))));
        const decoded = outcome(() => decodeReadBatch(bytes));
        tally.add(codeOf(decoded));
        const walked = outcome(() => walk(bytes));
        if ("value" in walked) agree(codeOf(decoded), "ok");
      }
      expect(tally.codes).toEqual(["UNSAFE_INTEGER", "bad_proto", "ok"]);
    },
    TIMEOUT_MS,
  );
});

function walk(bytes: Uint8Array): number {
  const walker = new SequencedWalker(bytes);
  let records = 0;
  while (walker.next()) {
    records++;
    agree(walker.end > walker.start, true);
    agree(walker.end <= bytes.length, true);
  }
  return records;
}

/** Cuts bytes at random places. */
function pieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + randomInteger(random, 1, 24), bytes.length);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}

describe("fuzzed frames", () => {
  function decode(chunks: readonly Uint8Array[]): string {
    const decoder = createFrameDecoder();
    let bodies = "";
    const result = outcome(() => {
      for (const chunk of chunks) {
        decoder.push(chunk);
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
          bodies += JSON.stringify(frame.kind === "message" ? [...frame.body] : frame);
      }
      decoder.end();
    });
    return `${codeOf(result)} ${bodies}`;
  }

  it(
    "decode the same at any chunking, or fail with a code",
    () => {
      const random = seededRandom(SEED + 3);
      const corpus = [
        ...vectorsOf<{ chunks: string[] }>("frames.json").map(({ chunks }) =>
          bytesOf(chunks.join("")),
        ),
        encodeMessageFrame(encodeAppendInput({ records: RECORDS }), { reconnectAdvised: true }),
        encodeTerminalFrame(503, '{"code":"unavailable","message":"x"}'),
      ];
      const tally = new Tally();
      for (const bytes of inputs(corpus, 30_000, random)) {
        const whole = decode([bytes]);
        tally.add(whole.split(" ", 1)[0] ?? "");
        agree(decode(pieces(bytes, random)), whole);
      }
      expect(tally.codes).toEqual(["bad_frame", "ok"]);
    },
    TIMEOUT_MS,
  );

  it("never reserve what a peer only announces", () => {
    const announced = bytesOf("2000000000");
    const before = process.memoryUsage().arrayBuffers;

    const decoders = Array.from({ length: 500 }, () => {
      const decoder = createFrameDecoder();
      decoder.push(announced);
      decoder.next();
      decoder.push(announced);
      decoder.next();
      return decoder;
    });

    // 500 announced frames are 1 GiB; what came is 10 bytes each.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(decoders).toHaveLength(500);
  });
});

describe("fuzzed events", () => {
  function parse(chunks: readonly Uint8Array[]): string {
    const parser = createSseParser(400);
    let events = "";
    const result = outcome(() => {
      for (const chunk of chunks) {
        parser.push(chunk);
        for (let event = parser.next(); event !== undefined; event = parser.next()) {
          const { type, data, lastEventId } = event;
          const means = outcome(() => decodeReadEvent({ type, data, lastEventId }, "base64"));
          events += `${JSON.stringify(event)} ${codeOf(means)}`;
        }
      }
    });
    return `${codeOf(result)} ${events}`;
  }

  it(
    "parse the same at any chunking, and mean something or fail with a code",
    () => {
      const random = seededRandom(SEED + 4);
      const corpus = vectorsOf<{ text: string }>("sse.json").map(({ text }) => encodeUtf8(text));
      const tally = new Tally();
      for (const bytes of inputs(corpus, 20_000, random)) {
        const whole = parse([bytes]);
        const split = parse(pieces(bytes, random));
        tally.add(whole.split(" ", 1)[0] ?? "");
        // The bound is met by what has come, so an oversized event may fail a little earlier in one.
        if (whole.startsWith("ok")) agree(split, whole);
      }
      expect(tally.codes).toEqual(["ok"]);
      expect(parse([new Uint8Array(401)])).toMatch(/^PROTOCOL_ERROR/);
    },
    TIMEOUT_MS,
  );
});

describe("fuzzed JSON", () => {
  it(
    "is read or refused with a code",
    () => {
      const random = seededRandom(SEED + 5);
      const corpus = [
        ...vectorsOf<{ json: string }>("append-json.json"),
        ...vectorsOf<{ json: string }>("read-json.json"),
      ].map(({ json }) => encodeUtf8(json));
      const tally = new Tally();
      for (const bytes of inputs(corpus, 20_000, random)) {
        const text = new TextDecoder().decode(bytes);
        for (const format of ["raw", "base64"] as const) {
          const append = outcome(() => appendInputFromJson(parseJson(text), format));
          tally.add(codeOf(append));
          tally.add(codeOf(outcome(() => readBatchFromJson(parseJson(text), format))));
          if ("value" in append) {
            const encoded = encodeAppendInput(append.value);
            const code = codeOf(outcome(() => scanAppendInput(encoded)));
            agree(code === "ok" || code === "invalid", true);
          }
        }
      }
      expect(tally.codes).toEqual(["UNSAFE_INTEGER", "bad_json", "invalid", "ok"]);
    },
    TIMEOUT_MS,
  );
});
