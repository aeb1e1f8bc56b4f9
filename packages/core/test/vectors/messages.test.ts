// Golden vectors of the protobuf messages, read by our codec and by a generated one.

import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { S2Error } from "../../src/error.js";
import { decodeAppendAck, encodeAppendAck } from "../../src/proto/append-ack.js";
import { decodeAppendInput, encodeAppendInput } from "../../src/proto/append-input.js";
import { decodeReadBatch, encodeReadBatch } from "../../src/proto/read-batch.js";
import { scanAppendInput } from "../../src/proto/scan-append.js";
import { maxTranscodedBytes, transcodeBatch } from "../../src/proto/transcode.js";
import { AppendAckSchema, AppendInputSchema, ReadBatchSchema } from "../fixtures/s2_pb.js";
import {
  appendAckOf,
  appendInputOf,
  bytesOf,
  hasUnsafePosition,
  hexOf,
  type NeutralAppendInput,
  type NeutralMessage,
  readBatchOf,
  vectorsOf,
} from "./load.js";

type MessageVector = { hex: string; canonical?: boolean; error?: string } & NeutralMessage;

const VECTORS = vectorsOf<MessageVector>("messages.json");

const SCHEMAS: Readonly<Record<string, DescMessage>> = {
  AppendAck: AppendAckSchema,
  AppendInput: AppendInputSchema,
  ReadBatch: ReadBatchSchema,
};

function decode(type: NeutralMessage["type"], bytes: Uint8Array): unknown {
  if (type === "AppendAck") return decodeAppendAck(bytes);
  return type === "AppendInput" ? decodeAppendInput(bytes) : decodeReadBatch(bytes);
}

function valueOf(vector: NeutralMessage): unknown {
  if (vector.type === "AppendAck") return appendAckOf(vector.value);
  return vector.type === "AppendInput" ? appendInputOf(vector.value) : readBatchOf(vector.value);
}

function encode(vector: NeutralMessage): Uint8Array {
  if (vector.type === "AppendAck") return encodeAppendAck(appendAckOf(vector.value));
  return vector.type === "AppendInput"
    ? encodeAppendInput(appendInputOf(vector.value))
    : encodeReadBatch(readBatchOf(vector.value));
}

const GOOD = VECTORS.filter(({ error }) => error === undefined);
const EXACT = GOOD.filter((vector) => !hasUnsafePosition(vector));
const UNSAFE = GOOD.filter(hasUnsafePosition);
const BAD = VECTORS.filter(({ error }) => error !== undefined);

describe("messages", () => {
  it.each(EXACT)("$id decodes: $meaning", (vector) => {
    expect(decode(vector.type, bytesOf(vector.hex))).toEqual(valueOf(vector));
  });

  it.each(GOOD.filter(({ canonical }) => canonical === true))(
    "$id encodes, as the generated codec does: $meaning",
    (vector) => {
      const schema = SCHEMAS[vector.type] as DescMessage;
      const message = fromBinary(schema, bytesOf(vector.hex));

      expect(hexOf(encode(vector))).toBe(vector.hex);
      expect(hexOf(toBinary(schema, message))).toBe(vector.hex);
    },
  );

  const appends = GOOD.filter(
    ({ type, value }) => type === "AppendInput" && (value as NeutralAppendInput).records.length > 0,
  );
  it.each(appends)("$id reaches the store unharmed: $meaning", (vector) => {
    const input = decodeAppendInput(bytesOf(vector.hex));
    // Vectors need not obey the rules of records: names may be empty.
    if (input.records.some(({ headers }) => headers.some(([name]) => name.length === 0))) {
      expect(() => scanAppendInput(bytesOf(vector.hex))).toThrow(/^\[invalid\]/);
      return;
    }
    const batch = scanAppendInput(bytesOf(vector.hex));
    batch.timestamps.fill(3, 0, batch.count);
    const stored = new Uint8Array(maxTranscodedBytes(batch));
    const end = transcodeBatch(batch, 7, stored, 0);

    expect(batch).toMatchObject({
      matchSeqNum: input.matchSeqNum,
      fencingToken: input.fencingToken,
    });
    expect(decodeReadBatch(stored.subarray(0, end)).records).toEqual(
      input.records.map(({ headers, body }, i) => ({ seqNum: 7 + i, timestamp: 3, headers, body })),
    );
  });

  it.each(UNSAFE)("$id is refused and not rounded: $meaning", (vector) => {
    expect(() => decode(vector.type, bytesOf(vector.hex))).toThrow(/^\[UNSAFE_INTEGER\]/);
  });

  it.each(BAD)("$id is refused: $meaning", ({ type, hex, error }) => {
    try {
      decode(type, bytesOf(hex));
      expect.fail("was accepted");
    } catch (caught) {
      expect(caught).toBeInstanceOf(S2Error);
      expect((caught as S2Error).code).toBe(error);
    }
  });
});
