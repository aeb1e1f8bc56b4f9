// The body of a run: changes of the state in order of their keys, in blocks that are proven one by
// one. A base holds every entry there is, a delta what changed since the run before it, what is
// gone included. Read in the order of a checkpoint, each over the one before, they are the state.
//
//      +--------+--------+--------+--------+
//      | bytes  | entries| crc of | 0      |   16, then the entries of the block
//      |        |        | entries|        |
//      +--------+--------+--------+--------+
//      | key bytes u16 | 0 u16 | value bytes u32, or 0xffffffff: gone | key | value |
//      +---------------+-------+--------------------------------------+-----+-------+
//
// Little endian. Pure.

import { crc32 } from "node:zlib";
import { assert } from "@s2kit/core";
import { viewOf } from "../../log/group.js";
import type { StateChange } from "../../log/state-store.js";

const BLOCK_HEAD_BYTES = 16;
const ENTRY_HEAD_BYTES = 8;
const GONE = 0xffff_ffff;
/** A block closes behind the entry that reaches this. */
const TARGET_BLOCK_BYTES = 64 * 1024;

/** The blocks of a run. @param changes - in order of their keys, each once */
export function* encodeRun(changes: Iterable<StateChange>): IterableIterator<Uint8Array> {
  let block: StateChange[] = [];
  let bytes = 0;
  let last: Uint8Array | undefined;
  for (const change of changes) {
    assert(last === undefined || Buffer.compare(last, change.key) < 0, "keys of a run rise");
    last = change.key;
    block.push(change);
    bytes += entryBytes(change);
    if (bytes < TARGET_BLOCK_BYTES) continue;
    yield encodeBlock(block, bytes);
    block = [];
    bytes = 0;
  }
  if (block.length > 0) yield encodeBlock(block, bytes);
}

/**
 * The changes of a run, a block at a time. Keys and values are views of the body.
 *
 * @throws {RunDamage} when a block is not what was written
 */
export function* decodeRun(body: Uint8Array): IterableIterator<StateChange[]> {
  const view = viewOf(body);
  let last: Uint8Array | undefined;
  for (let at = 0; at < body.length; ) {
    if (at + BLOCK_HEAD_BYTES > body.length) throw new RunDamage(at);
    const start = at + BLOCK_HEAD_BYTES;
    const end = start + view.getUint32(at, true);
    if (end > body.length || view.getUint32(at + 12, true) !== 0) throw new RunDamage(at);
    if (crc32(body.subarray(start, end)) !== view.getUint32(at + 8, true)) throw new RunDamage(at);
    const changes = decodeEntries(body, start, end);
    if (changes.length !== view.getUint32(at + 4, true)) throw new RunDamage(at);
    for (const { key } of changes) {
      if (last !== undefined && Buffer.compare(last, key) >= 0) throw new RunDamage(at);
      last = key;
    }
    yield changes;
    at = end;
  }
}

/** A block of a run is damaged; says where it begins. */
export class RunDamage extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super(`a block of the state is damaged offset=${offset}`);
    this.name = "RunDamage";
    this.offset = offset;
  }
}

function entryBytes({ key, value }: StateChange): number {
  return ENTRY_HEAD_BYTES + key.length + (value?.length ?? 0);
}

function encodeBlock(changes: readonly StateChange[], bytes: number): Uint8Array {
  const block = new Uint8Array(BLOCK_HEAD_BYTES + bytes);
  const view = viewOf(block);
  let at = BLOCK_HEAD_BYTES;
  for (const { key, value } of changes) {
    assert(key.length <= 0xffff, "a key has a length that fits");
    view.setUint16(at, key.length, true);
    view.setUint32(at + 4, value === undefined ? GONE : value.length, true);
    block.set(key, at + ENTRY_HEAD_BYTES);
    if (value !== undefined) block.set(value, at + ENTRY_HEAD_BYTES + key.length);
    at += entryBytes({ key, value });
  }
  view.setUint32(0, bytes, true);
  view.setUint32(4, changes.length, true);
  view.setUint32(8, crc32(block.subarray(BLOCK_HEAD_BYTES)), true);
  return block;
}

function decodeEntries(body: Uint8Array, start: number, end: number): StateChange[] {
  const view = viewOf(body);
  const changes: StateChange[] = [];
  for (let at = start; at < end; ) {
    if (at + ENTRY_HEAD_BYTES > end) throw new RunDamage(start - BLOCK_HEAD_BYTES);
    const keyBytes = view.getUint16(at, true);
    const valueBytes = view.getUint32(at + 4, true);
    const isGone = valueBytes === GONE;
    const valueAt = at + ENTRY_HEAD_BYTES + keyBytes;
    const next = valueAt + (isGone ? 0 : valueBytes);
    if (next > end || view.getUint16(at + 2, true) !== 0)
      throw new RunDamage(start - BLOCK_HEAD_BYTES);
    const key = body.subarray(at + ENTRY_HEAD_BYTES, valueAt);
    changes.push({ key, value: isGone ? undefined : body.subarray(valueAt, next) });
    at = next;
  }
  return changes;
}
