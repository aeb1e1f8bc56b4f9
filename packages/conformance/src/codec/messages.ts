// The messages of S2 over plain fields: what clients write, what servers answer. Strict where
// clients depend on it: a required part that is missing is a mismatch, never a default.

import { bytesField, decodeFields, type Field, numberField } from "./protobuf.js";

export interface Position {
  readonly seq_num: number;
  readonly timestamp: number;
}

export interface NewRecord {
  readonly timestamp?: bigint | number;
  readonly headers?: readonly (readonly [Uint8Array | string, Uint8Array | string])[];
  readonly body?: Uint8Array | string;
}

export interface NewBatch {
  readonly records: readonly NewRecord[];
  readonly matchSeqNum?: bigint | number;
  readonly fencingToken?: string;
}

export interface StoredRecord {
  readonly seq_num: number;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface Batch {
  readonly records: readonly StoredRecord[];
  readonly tail: Position | undefined;
}

export interface Ack {
  readonly start: Position;
  readonly end: Position;
  readonly tail: Position;
}

/** Bytes of one char each: text as it is when it is ASCII, and comparable for any bytes. */
const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const asBytes = (value: Uint8Array | string): Uint8Array =>
  typeof value === "string" ? Buffer.from(value, "utf8") : value;

export function encodeRecord({ timestamp, headers = [], body }: NewRecord): Uint8Array {
  return Buffer.concat([
    ...(timestamp === undefined ? [] : [numberField(1, timestamp)]),
    ...headers.map(([name, value]) => {
      const [nameBytes, valueBytes] = [asBytes(name), asBytes(value)];
      return bytesField(
        2,
        Buffer.concat([
          ...(nameBytes.length === 0 ? [] : [bytesField(1, nameBytes)]),
          ...(valueBytes.length === 0 ? [] : [bytesField(2, valueBytes)]),
        ]),
      );
    }),
    ...(body === undefined || body.length === 0 ? [] : [bytesField(3, asBytes(body))]),
  ]);
}

export function encodeInput({ records, matchSeqNum, fencingToken }: NewBatch): Uint8Array {
  return Buffer.concat([
    ...records.map((record) => bytesField(1, encodeRecord(record))),
    ...(matchSeqNum === undefined ? [] : [numberField(2, matchSeqNum)]),
    ...(fencingToken === undefined ? [] : [bytesField(3, Buffer.from(fencingToken))]),
  ]);
}

export function decodeAck(bytes: Uint8Array): Ack {
  const fields = decodeFields(bytes);
  const part = (number: number, name: string): Position => {
    const found = nested(fields, number);
    if (found === undefined) throw new Error(`AppendAck without ${name}`);
    return decodePosition(found);
  };
  return { start: part(1, "start"), end: part(2, "end"), tail: part(3, "tail") };
}

export function decodeBatch(bytes: Uint8Array): Batch {
  const fields = decodeFields(bytes);
  const tail = nested(fields, 2);
  return {
    records: fields
      .filter(({ number }) => number === 1)
      .map(({ value }) => decodeStored(bytesOf(value))),
    tail: tail === undefined ? undefined : decodePosition(tail),
  };
}

function decodeStored(bytes: Uint8Array): StoredRecord {
  const fields = decodeFields(bytes);
  return {
    seq_num: Number(scalar(fields, 1)),
    timestamp: Number(scalar(fields, 2)),
    headers: fields
      .filter(({ number }) => number === 3)
      .map(({ value }) => {
        const header = decodeFields(bytesOf(value));
        return [asText(nested(header, 1) ?? EMPTY), asText(nested(header, 2) ?? EMPTY)] as const;
      }),
    body: asText(nested(fields, 4) ?? EMPTY),
  };
}

const EMPTY = new Uint8Array(0);

function decodePosition(bytes: Uint8Array): Position {
  const fields = decodeFields(bytes);
  return { seq_num: Number(scalar(fields, 1)), timestamp: Number(scalar(fields, 2)) };
}

function scalar(fields: readonly Field[], wanted: number): bigint {
  const value = fields.findLast(({ number }) => number === wanted)?.value ?? 0n;
  if (typeof value !== "bigint") throw new Error(`field ${wanted} is no number`);
  return value;
}

function nested(fields: readonly Field[], wanted: number): Uint8Array | undefined {
  const value = fields.findLast(({ number }) => number === wanted)?.value;
  return value === undefined ? undefined : bytesOf(value);
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === "bigint") throw new Error("a number where bytes are expected");
  return value;
}
