// Encodes an AppendInput in ways that are legal protobuf and that no encoder in the field chooses:
// fields in any order, repeated scalars, unknown fields of every wire type, padded varints. Each message
// has its own share of oddities, down to a single one, since one may hide behind another.

import { type Random, randomInteger } from "../../src/random.js";
import type { AppendInput, AppendRecord, Header } from "../../src/record/record.js";
import { encodeUtf8 } from "../../src/text/utf8.js";

/** One field, or what stands for it; order between entries of one list may change. */
type Field = readonly number[];

interface OddRandom extends Random {
  isOdd(): boolean;
}

export function encodeUnusually(input: AppendInput, chance: Random): Uint8Array {
  const share = chance.next() < 0.5 ? 0.02 : 0.3;
  const random: OddRandom = { ...chance, isOdd: () => chance.next() < share };
  const scalars: Field[] = [];
  if (input.matchSeqNum !== undefined) {
    if (random.isOdd()) scalars.push(varintField(2, 77, random));
    scalars.push(varintField(2, input.matchSeqNum, random));
  }
  const tokens: Field[] = [];
  if (input.fencingToken !== undefined) {
    if (random.isOdd()) tokens.push(bytesField(3, encodeUtf8("other"), random));
    tokens.push(bytesField(3, encodeUtf8(input.fencingToken), random));
  }
  const records = input.records.map((record) =>
    bytesField(1, encodeRecord(record, random), random),
  );
  return Uint8Array.from(shuffled([records, scalars, tokens], random).flat());
}

function encodeRecord(record: AppendRecord, random: OddRandom): number[] {
  const timestamps: Field[] = [];
  if (record.timestamp !== undefined) {
    if (random.isOdd()) timestamps.push(varintField(1, 5, random));
    timestamps.push(varintField(1, record.timestamp, random));
  }
  const bodies: Field[] = random.isOdd() ? [bytesField(3, [1, 2, 3], random)] : [];
  if (record.body.length > 0 || bodies.length > 0) bodies.push(bytesField(3, record.body, random));
  const headers = record.headers.map((header) =>
    bytesField(2, encodeHeader(header, random), random),
  );
  return shuffled([timestamps, headers, bodies], random).flat();
}

function encodeHeader([name, value]: Header, random: OddRandom): number[] {
  const parts = ([field, bytes]: readonly [number, Uint8Array]): Field[] => {
    const fields: Field[] = random.isOdd() ? [bytesField(field, [9, 9], random)] : [];
    if (bytes.length > 0 || fields.length > 0 || random.isOdd())
      fields.push(bytesField(field, bytes, random));
    return fields;
  };
  return shuffled([parts([1, name]), parts([2, value])], random).flat();
}

/** Mixes lists, keeping the order within each, and strews unknown fields between. */
function shuffled(lists: readonly (readonly Field[])[], random: OddRandom): Field[] {
  const queues = lists.map((list) => [...list]);
  const mixed: Field[] = [];
  while (queues.some((queue) => queue.length > 0)) {
    if (random.isOdd()) mixed.push(unknownField(random, 2));
    const inOrder = queues.findIndex((queue) => queue.length > 0);
    const from = random.isOdd() ? randomInteger(random, 0, queues.length - 1) : inOrder;
    const next = queues[from]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}

function unknownField(random: OddRandom, depth: number): Field {
  const field = randomInteger(random, 4, 3000);
  const bytes = (count: number): number[] => [...random.bytes(count)];
  switch (randomInteger(random, 0, depth > 0 ? 5 : 3)) {
    case 0:
      return varintField(field, randomInteger(random, 0, 2 ** 40), random);
    case 1:
      return [...tag(field, 1, random), ...bytes(8)];
    case 2:
      return bytesField(field, bytes(randomInteger(random, 0, 9)), random);
    case 3:
      return [...tag(field, 5, random), ...bytes(4)];
    default: {
      const inner = Array.from({ length: randomInteger(random, 0, 2) }, () =>
        unknownField(random, depth - 1),
      ).flat();
      return [...tag(field, 3, random), ...inner, ...tag(field, 4, random)];
    }
  }
}

function varintField(field: number, value: number, random: OddRandom): Field {
  return [...tag(field, 0, random), ...varint(BigInt(value), random, 10)];
}

function bytesField(field: number, bytes: Iterable<number>, random: OddRandom): Field {
  const content = [...bytes];
  return [...tag(field, 2, random), ...varint(BigInt(content.length), random, 5), ...content];
}

function tag(field: number, wireType: number, random: OddRandom): number[] {
  return varint(BigInt((field << 3) | wireType), random, 5);
}

/** Padded with empty groups in one of four cases. */
function varint(value: bigint, random: OddRandom, maxBytes: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn));
    rest >>= 7n;
  } while (rest > 0n);
  if (random.isOdd())
    for (let pad = randomInteger(random, 0, maxBytes - bytes.length); pad > 0; pad--) bytes.push(0);
  return bytes.map((byte, i) => (i < bytes.length - 1 ? byte | 0x80 : byte));
}
