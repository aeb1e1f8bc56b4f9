// Reads the golden vectors of fixtures/ and turns their neutral values (u64 as decimal strings, bytes
// as hex) into ours. It knows the fixture format and nothing of the codecs.

import { readFileSync } from "node:fs";
import type {
  AppendAck,
  AppendInput,
  Header,
  ReadBatch,
  SequencedRecord,
} from "../../src/record/record.js";
import { U64_BEYOND } from "../../src/text/uint64.js";

export interface NeutralPosition {
  readonly seq_num: string;
  readonly timestamp: string;
}

export type NeutralBytes = string | { readonly repeat: string; readonly times: number };

export interface NeutralAppendInput {
  readonly records: readonly {
    readonly timestamp?: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  }[];
  readonly match_seq_num?: string;
  readonly fencing_token?: string;
}

export interface NeutralReadBatch {
  readonly records: readonly (NeutralPosition & {
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
  })[];
  readonly tail?: NeutralPosition;
}

export interface NeutralAck {
  readonly start: NeutralPosition;
  readonly end: NeutralPosition;
  readonly tail: NeutralPosition;
}

export type NeutralMessage =
  | { readonly type: "AppendInput"; readonly value: NeutralAppendInput }
  | { readonly type: "ReadBatch"; readonly value: NeutralReadBatch }
  | { readonly type: "AppendAck"; readonly value: NeutralAck };

/** The vectors of a file; each has at least an id and a meaning. */
export function vectorsOf<T>(file: string): readonly (T & { id: string; meaning: string })[] {
  const text = readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), "utf8");
  const { vectors } = JSON.parse(text) as { vectors: (T & { id: string; meaning: string })[] };
  return vectors;
}

export function bytesOf(neutral: NeutralBytes): Uint8Array {
  const hex = typeof neutral === "string" ? neutral : neutral.repeat.repeat(neutral.times);
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** What a u64 of the wire becomes: itself, or the value that stands for all beyond 2^53 - 1. */
export function saturated(text: string): number {
  const exact = BigInt(text);
  return exact > BigInt(Number.MAX_SAFE_INTEGER) ? U64_BEYOND : Number(exact);
}

export function isExact(text: string): boolean {
  return BigInt(text) <= BigInt(Number.MAX_SAFE_INTEGER);
}

export function headersOf(headers: readonly (readonly [string, string])[]): Header[] {
  return headers.map(([name, value]) => [bytesOf(name), bytesOf(value)]);
}

export function positionOf(position: NeutralPosition): { seqNum: number; timestamp: number } {
  return { seqNum: saturated(position.seq_num), timestamp: saturated(position.timestamp) };
}

export function appendInputOf(value: NeutralAppendInput): AppendInput {
  return {
    records: value.records.map(({ timestamp, headers, body }) => ({
      timestamp: timestamp === undefined ? undefined : saturated(timestamp),
      headers: headersOf(headers),
      body: bytesOf(body),
    })),
    matchSeqNum: value.match_seq_num === undefined ? undefined : saturated(value.match_seq_num),
    fencingToken: value.fencing_token,
  };
}

export function readBatchOf(value: NeutralReadBatch): ReadBatch {
  const records = value.records.map(
    (record): SequencedRecord => ({
      ...positionOf(record),
      headers: headersOf(record.headers),
      body: bytesOf(record.body),
    }),
  );
  return value.tail === undefined ? { records } : { records, tail: positionOf(value.tail) };
}

export function appendAckOf({ start, end, tail }: NeutralAck): AppendAck {
  return { start: positionOf(start), end: positionOf(end), tail: positionOf(tail) };
}

/** True when some position of the message lies beyond 2^53 - 1: those are refused, not rounded. */
export function hasUnsafePosition(message: NeutralMessage): boolean {
  const isUnsafe = ({ seq_num, timestamp }: NeutralPosition): boolean =>
    !isExact(seq_num) || !isExact(timestamp);
  switch (message.type) {
    case "AppendInput":
      return false;
    case "ReadBatch": {
      const { records, tail } = message.value;
      return records.some(isUnsafe) || (tail !== undefined && isUnsafe(tail));
    }
    case "AppendAck":
      return [message.value.start, message.value.end, message.value.tail].some(isUnsafe);
    default:
      throw new Error(`unknown message ${JSON.stringify(message)}`);
  }
}
