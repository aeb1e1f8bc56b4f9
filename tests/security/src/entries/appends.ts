// Appends: the same batch as protobuf, as JSON in two formats, and inside a frame must mean the same.

import {
  type AppendInput,
  type AppendRecord,
  appendInputFromJson,
  appendInputToJson,
  createFrameDecoder,
  decodeAppendInput,
  decodeUtf8,
  encodeAppendInput,
  encodeMessageFrame,
  encodeUtf8,
  fenceRecord,
  type RecordFormat,
  trimRecord,
} from "@s2kit/core";
import {
  AppendBatch,
  decodeAppendJson,
  maxTranscodedBytes,
  SequencedWalker,
  scanAppendInput,
  transcodeBatch,
} from "@s2kit/core/server";
// @boundaries-ignore the fuzzer feeds what no face shows
import { canonicalAppendInput } from "../../../../packages/core/src/proto/canonical-append.js";
import {
  agree,
  type Choose,
  codeOf,
  type Entry,
  outcomeOf,
  textOf,
  utf8,
  wordFor,
} from "../engine/entry.js";

const PLAIN: AppendRecord = { timestamp: undefined, headers: [], body: encodeUtf8("hello") };
const INPUTS: Readonly<Record<string, AppendInput>> = {
  "one record": { records: [PLAIN] },
  "an empty record": { records: [{ ...PLAIN, body: new Uint8Array(0) }] },
  headers: {
    records: [{ ...PLAIN, headers: [[encodeUtf8("k"), encodeUtf8("v")]], timestamp: 5 }],
  },
  conditions: { records: [PLAIN], matchSeqNum: 3, fencingToken: "token" },
  "empty token": { records: [PLAIN], fencingToken: "" },
  commands: { records: [fenceRecord("token"), PLAIN, trimRecord(300)] },
  "bytes that are no text": { records: [{ ...PLAIN, body: Uint8Array.of(0xff, 0, 0xc3) }] },
  "late timestamp": { records: [{ ...PLAIN, timestamp: Number.MAX_SAFE_INTEGER }] },
};

function bytesOfAll(make: (input: AppendInput) => Uint8Array): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(INPUTS).map(([name, input]) => [name, make(input)]));
}

export const appendMessages: Entry = {
  name: "append-protobuf",
  reads: "the protobuf of an append: decoder, scan, canonical form, transcoding",
  seeds: () => bytesOfAll(encodeAppendInput),
  /** Whole records and headers change places, come twice, or go. */
  restructure(bytes, choose) {
    const decoded = outcomeOf(() => decodeAppendInput(bytes));
    return decoded.kind === "value" ? encodeAppendInput(changed(decoded.value, choose)) : bytes;
  },
  check(bytes) {
    const decoded = outcomeOf(() => decodeAppendInput(bytes));
    const batch = new AppendBatch();
    const scanned = outcomeOf(() => scanAppendInput(bytes, batch));
    agree("readable", codeOf(scanned) === "bad_proto", codeOf(decoded) === "bad_proto");
    const canonical = outcomeOf(() => canonicalAppendInput(bytes));
    if (decoded.kind === "refused") return wordFor(scanned);
    if (canonical.kind === "value")
      agree("canonical form", decodeAppendInput(canonical.value), decoded.value);
    const again = encodeAppendInput(decoded.value);
    agree("encoded and decoded", decodeAppendInput(again), decoded.value);
    agree(
      "scan of what is encoded",
      codeOf(outcomeOf(() => scanAppendInput(again))),
      codeOf(scanned),
    );
    if (scanned.kind === "refused") return scanned.word;
    checkInFrame(bytes);
    checkAsJson(decoded.value);
    checkStored(decoded.value, batch);
    return `ok ${batch.commands
      .map(({ command }) => command.kind)
      .slice(0, 2)
      .join("-")}`;
  },
};

function changed(input: AppendInput, choose: Choose): AppendInput {
  const records = input.records.length === 0 ? [PLAIN] : [...input.records];
  const at = choose(0, Math.max(0, records.length - 1));
  const record = records[at] ?? PLAIN;
  switch (choose(0, 5)) {
    case 0:
      return { ...input, records: [...records, record] };
    case 1:
      return { ...input, records: records.toSpliced(at, 1) };
    case 2: {
      const names = ["", "k", "fence", "trim"].map((name) => encodeUtf8(name));
      const header = [names[choose(0, 3)], names[choose(0, 3)]] as [Uint8Array, Uint8Array];
      return {
        ...input,
        records: records.with(at, { ...record, headers: [...record.headers, header] }),
      };
    }
    case 3:
      return {
        ...input,
        records: records.with(at, { ...record, body: new Uint8Array(choose(0, 40)) }),
      };
    case 4:
      return { ...input, matchSeqNum: choose(0, 1000) };
    default:
      return { ...input, records: records.with(at, { ...record, timestamp: choose(0, 1000) }) };
  }
}

function checkInFrame(message: Uint8Array): void {
  const decoder = createFrameDecoder();
  decoder.push(encodeMessageFrame(message));
  const frame = decoder.next();
  agree("in a frame", frame?.kind === "message" && Buffer.compare(frame.body, message), 0);
}

function checkAsJson(input: AppendInput): void {
  const isSafe = (value: number | undefined): boolean =>
    value === undefined || Number.isSafeInteger(value);
  if (!isSafe(input.matchSeqNum) || !input.records.every(({ timestamp }) => isSafe(timestamp)))
    return;
  const text = JSON.stringify(appendInputToJson(input, "base64"));
  const message = finished(decodeAppendJson(encodeUtf8(text), "base64"));
  agree("as JSON", plain(decodeAppendInput(message)), plain(input));
}

/** Absent and undefined are alike. */
function plain({ records, matchSeqNum, fencingToken }: AppendInput): unknown {
  return [
    records.map(({ timestamp, headers, body }) => [timestamp, headers, body]),
    matchSeqNum,
    fencingToken,
  ];
}

function checkStored({ records }: AppendInput, batch: AppendBatch): void {
  batch.timestamps.fill(7, 0, batch.count);
  const out = new Uint8Array(maxTranscodedBytes(batch));
  const end = transcodeBatch(batch, 40, out, 0);
  const walker = new SequencedWalker(out.subarray(0, end));
  let count = 0;
  while (walker.next()) count++;
  agree("stored records", count, records.length);
}

function finished<T>(walk: Generator<undefined, T, undefined>): T {
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

const FORMATS: readonly RecordFormat[] = ["raw", "base64"];

export const appendJson: Entry = {
  name: "append-json",
  reads: "the JSON of an append: the decoder in steps beside JSON.parse",
  seeds: () => ({
    ...bytesOfAll((input) => utf8.encode(JSON.stringify(appendInputToJson(input, "base64")))),
    "raw text": utf8.encode(
      '{"records":[{"body":"h\\u00e9llo \\ud83d\\ude00","headers":[["k","v"]]}]}',
    ),
    "byte order mark": utf8.encode('\ufeff{"records":[{"body":""}]}'),
    "repeated keys": utf8.encode('{"records":[],"records":[{"body":"x"}],"match_seq_num":1}'),
    "half a surrogate": utf8.encode('{"records":[{"body":"\\ud800"}]}'),
    nulls: utf8.encode(
      '{"records":[{"headers":null,"body":null,"timestamp":null}],"fencing_token":null}',
    ),
  }),
  words: ["records", "body", "headers", "timestamp", "match_seq_num", "fencing_token", "AA==", "A"],
  check(bytes) {
    const words = FORMATS.map((format) => {
      const stepped = outcomeOf(() => decodeAppendInput(finished(decodeAppendJson(bytes, format))));
      const parsed = outcomeOf(() => appendInputFromJson(jsonOf(bytes), format));
      const isExact = hasSafeNumbers(bytes);
      if (parsed.kind === "value" && isExact) {
        agree("read in steps", codeOf(stepped), "ok");
        if (stepped.kind === "value")
          agree("records of both", plain(stepped.value), plain(parsed.value));
      } else if (parsed.kind === "refused" && stepped.kind === "refused")
        agree("refusals of both", stepped.code, parsed.code);
      else if (isExact) agree("read whole", codeOf(parsed), codeOf(stepped));
      return wordFor(stepped, "ok");
    });
    return words.join(" ");
  },
};

/** Numbers that JSON.parse would round are seen as they are written by the other decoder only. */
function hasSafeNumbers(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  return (
    !/[.eE-]\d/.test(text) &&
    (text.match(/\d+/g) ?? []).every((digits) => Number.isSafeInteger(Number(digits)))
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = decodeUtf8(bytes.subarray(start));
  return outcomeOfJson(text);
}

function outcomeOfJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // What is no JSON is no object either: refused with the same code.
    return undefined;
  }
}
