// The head of every object, and the seal around its body. It says what the object is, where it
// belongs and who wrote it: an object under the wrong key, of another store, cut short or with a
// bit turned is told from a whole one before anything in it is believed.
//
//      0        4    6    8                 24                40        48        56        64
//      +--------+----+----+-----------------+-----------------+---------+---------+---------+
//      | s2ob   |vers|kind| incarnation     | nonce           | epoch   | number  | mark    |
//      +--------+----+----+--------+--------+--------+--------+---------+---------+---------+
//      | offset          |shard| 0 | body   | crc of | 0      | 0      | crc of |            96
//      |                 |     |   | length | body   |        |        | head   |
//      +-----------------+-----+---+--------+--------+--------+--------+--------+
//      | body                                                                    |
//      +-------------------------------------------------------------------------+
//
// Little endian. The nonce names the claim, the incarnation the process: whoever finds an object
// with the head that it wanted to write there knows that an answer was lost, and whose it was. The
// checksum of the head starts from the key of the store. Pure.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { readU64, viewOf, writeU64 } from "../../log/group.js";
import { keyOf, type ObjectName } from "./names.js";

/** "s2ob" */
const MAGIC = 0x626f_3273;
export const OBJECT_FORMAT_VERSION = 1;
export const HEAD_BYTES = 96;
const ID_BYTES = 16;

const AT_VERSION = 4;
const AT_KIND = 6;
const AT_INCARNATION = 8;
const AT_NONCE = 24;
const AT_EPOCH = 40;
const AT_NUMBER = 48;
const AT_MARK = 56;
const AT_OFFSET = 64;
const AT_SHARD = 72;
const AT_ZERO_16 = 74;
const AT_BODY_BYTES = 76;
const AT_BODY_CHECKSUM = 80;
const AT_ZERO_64 = 84;
const AT_CHECKSUM = 92;

assert(AT_CHECKSUM + 4 === HEAD_BYTES, "the checksum ends the head");

/** What an object is; the number is its kind in the head. */
export const OBJECT_KINDS = {
  cluster: 1,
  lease: 2,
  claim: 3,
  open: 4,
  checkpoint: 5,
  released: 6,
  "manifest-fence": 7,
  group: 8,
  "log-fence": 9,
  run: 10,
  data: 11,
} as const;

export type ObjectKind = keyof typeof OBJECT_KINDS;

const KIND_OF_NUMBER = new Map<number, ObjectKind>(
  Object.entries(OBJECT_KINDS).map(([kind, number]) => [number, kind as ObjectKind]),
);

/** Which objects may lie under which keys. */
const KINDS_OF_NAME: Readonly<Record<ObjectName["kind"], readonly ObjectKind[]>> = {
  cluster: ["cluster"],
  lease: ["lease"],
  manifest: ["claim", "open", "checkpoint", "released", "manifest-fence"],
  log: ["group", "log-fence"],
  run: ["run"],
  data: ["data"],
};

/** Who writes: 128 random bits of a process, and 128 of a claim; 32 hex digits each. */
export interface Writer {
  readonly incarnation: string;
  readonly nonce: string;
}

export interface ObjectHead extends Writer {
  readonly kind: ObjectKind;
  /**
   * Of a group: slots below were durable when it was sealed. Of a fence: the epoch that put it. Of
   * a lease: counts its renewals. Of a run: 1 for a base, 0 for a delta. Of a data object: the
   * number of its extents. Of others 0.
   */
  readonly mark: number;
  /** Of a group: what the offsets of its rows count from. Of others 0. */
  readonly offset: number;
  readonly bodyBytes: number;
  readonly bodyChecksum: number;
}

export interface OpenedObject {
  readonly head: ObjectHead;
  /** A view of the object. */
  readonly body: Uint8Array;
}

/** What a writer says of an object; the rest of its head follows from the name and the body. */
export interface NewObject extends Writer {
  readonly kind: ObjectKind;
  readonly mark?: number;
  readonly offset?: number;
  readonly body: readonly Uint8Array[];
  /** CRC-32 of the body, where it was computed piece by piece. Default: computed now */
  readonly bodyChecksum?: number;
}

/** The parts of an object as they are sent: its head, then its body. */
export function sealObject(name: ObjectName, object: NewObject, storeKey: number): Uint8Array[] {
  const { kind, incarnation, nonce, mark = 0, offset = 0, body, bodyChecksum } = object;
  assert(KINDS_OF_NAME[name.kind].includes(kind), "an object lies under a key of its kind");
  const head = new Uint8Array(HEAD_BYTES);
  const view = viewOf(head);
  let bodyBytes = 0;
  let checksum = 0;
  for (const part of body) {
    bodyBytes += part.length;
    if (bodyChecksum === undefined) checksum = crc32(part, checksum);
  }
  view.setUint32(0, MAGIC, true);
  view.setUint16(AT_VERSION, OBJECT_FORMAT_VERSION, true);
  view.setUint16(AT_KIND, OBJECT_KINDS[kind], true);
  head.set(idBytes(incarnation), AT_INCARNATION);
  head.set(idBytes(nonce), AT_NONCE);
  const place = placeOf(name);
  writeU64(view, AT_EPOCH, place.epoch);
  writeU64(view, AT_NUMBER, place.number);
  writeU64(view, AT_MARK, mark);
  writeU64(view, AT_OFFSET, offset);
  view.setUint16(AT_SHARD, place.shard, true);
  view.setUint32(AT_BODY_BYTES, bodyBytes, true);
  view.setUint32(AT_BODY_CHECKSUM, bodyChecksum ?? checksum, true);
  view.setUint32(AT_CHECKSUM, crc32(head.subarray(0, AT_CHECKSUM), storeKey), true);
  return [head, ...body];
}

/**
 * The head of an object, proven to belong under this key of this store. Its body may be cut off.
 *
 * @throws {S2Error} `storage` when it does not fit, or a newer version wrote it
 */
export function readHead(name: ObjectName, bytes: Uint8Array, storeKey: number): ObjectHead {
  if (bytes.length < HEAD_BYTES) throw damaged(name, `bytes=${bytes.length}`);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== MAGIC) throw damaged(name, "no head");
  if (view.getUint32(AT_CHECKSUM, true) !== crc32(bytes.subarray(0, AT_CHECKSUM), storeKey))
    throw damaged(name, "head checksum");
  const version = view.getUint16(AT_VERSION, true);
  if (version > OBJECT_FORMAT_VERSION)
    throw storageError(
      `an object was written by a newer version: upgrade s2kit key=${keyOf(name)} format=${version} supported=${OBJECT_FORMAT_VERSION}`,
    );
  const kind = KIND_OF_NUMBER.get(view.getUint16(AT_KIND, true));
  if (version !== OBJECT_FORMAT_VERSION || kind === undefined) throw damaged(name, "kind");
  if (!KINDS_OF_NAME[name.kind].includes(kind)) throw damaged(name, `kind=${kind}`);
  if (view.getUint16(AT_ZERO_16, true) !== 0 || readU64(view, AT_ZERO_64) !== 0)
    throw damaged(name, "zero");
  const place = placeOf(name);
  if (
    readU64(view, AT_EPOCH) !== place.epoch ||
    readU64(view, AT_NUMBER) !== place.number ||
    view.getUint16(AT_SHARD, true) !== place.shard
  )
    throw damaged(name, "the head of another key");
  return {
    kind,
    incarnation: hexOf(bytes, AT_INCARNATION),
    nonce: hexOf(bytes, AT_NONCE),
    mark: readU64(view, AT_MARK),
    offset: readU64(view, AT_OFFSET),
    bodyBytes: view.getUint32(AT_BODY_BYTES, true),
    bodyChecksum: view.getUint32(AT_BODY_CHECKSUM, true),
  };
}

/**
 * A whole object, proven to belong under this key of this store.
 *
 * @throws {S2Error} `storage` when it does not fit, or a newer version wrote it
 */
export function openObject(name: ObjectName, bytes: Uint8Array, storeKey: number): OpenedObject {
  const head = readHead(name, bytes, storeKey);
  if (bytes.length !== HEAD_BYTES + head.bodyBytes) throw damaged(name, `bytes=${bytes.length}`);
  const body = bytes.subarray(HEAD_BYTES);
  if (crc32(body) !== head.bodyChecksum) throw damaged(name, "body checksum");
  return { head, body };
}

/** Whether what lies there has the head that we sent: kind, writer, place and content. */
export function isSameHead(found: Uint8Array, sent: Uint8Array): boolean {
  return Buffer.compare(found.subarray(0, HEAD_BYTES), sent.subarray(0, HEAD_BYTES)) === 0;
}

/** An object that is not what its key promises. */
export function damaged(name: ObjectName, found: string): Error {
  return storageError(
    `an object of the bucket is damaged: ${adviceOn(name)} key=${keyOf(name)} found=${found}`,
  );
}

/**
 * A copy of a lease is older than its holder, and nothing is in it: one that is not there is waited
 * for like any other, and whoever lives writes it anew.
 */
function adviceOn({ kind }: ObjectName): string {
  return kind === "lease"
    ? "it is a lease and holds no records, so delete it"
    : "restore it from a copy";
}

function placeOf(name: ObjectName): { shard: number; epoch: number; number: number } {
  return name.kind === "cluster" || name.kind === "lease"
    ? { shard: 0, epoch: 0, number: 0 }
    : name;
}

function idBytes(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, "hex");
  assert(bytes.length === ID_BYTES, "an id is 32 digits in hex");
  return bytes;
}

function hexOf(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, ID_BYTES).toString("hex");
}
