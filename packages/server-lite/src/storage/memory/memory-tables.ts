// Streams and metadata held in memory: what a commit changes at once, and what reads look at. The
// memory engine is this plus durability. A batch carries the position it was committed at, and
// reads leave out what is above the durable one.

import { assert } from "@s2kit/core";
import { type AppendBatch, maxTranscodedBytes, transcodeBatch } from "@s2kit/core/server";
import { requireContiguous, requireNothing } from "../contiguity.js";
import { endOfPrefix, keyAfter, keyFromString, keyToString } from "../meta-key.js";
import { OrderedMap } from "../ordered-map.js";
import type {
  AppendMutation,
  LogPosition,
  MetaEntry,
  MetaScan,
  Mutation,
  ReadLimits,
  StoredBatch,
  StreamId,
  StreamState,
} from "../storage.js";
import { seekInBatch, storedBatch } from "../stored-batch.js";
import { appended, fit, newStream, trimmed } from "../stream-rules.js";

interface PlacedBatch {
  readonly position: LogPosition;
  readonly batch: StoredBatch;
}

interface StreamTable {
  state: StreamState;
  /** In seqNum order; the trimmed part is cut from time to time, not at each trim. */
  batches: PlacedBatch[];
}

export class MemoryTables {
  /** Where a batch is written first; grows to the largest. */
  private staging = new Uint8Array(0);
  private readonly streams = new Map<StreamId, StreamTable>();
  private readonly meta = new OrderedMap<Uint8Array>();

  /** Applies a commit whole, or throws and changes nothing. */
  apply(mutations: readonly Mutation[], position: LogPosition): StoredBatch[] {
    fit(mutations, (streamId) => this.streams.get(streamId)?.state);
    const stored: StoredBatch[] = [];
    for (const mutation of mutations) {
      switch (mutation.kind) {
        case "append":
          stored.push(this.append(mutation, position));
          break;
        case "create-stream":
          this.streams.set(mutation.streamId, {
            state: newStream(mutation.writtenMs),
            batches: [],
          });
          break;
        case "trim":
          this.trim(mutation.streamId, mutation.trimPoint);
          break;
        case "drop-stream":
          this.streams.delete(mutation.streamId);
          break;
        case "put":
          this.meta.set(keyToString(mutation.key), Uint8Array.from(mutation.value));
          break;
        case "delete":
          this.meta.delete(keyToString(mutation.key));
      }
    }
    return stored;
  }

  streamState(streamId: StreamId): StreamState | undefined {
    return this.streams.get(streamId)?.state;
  }

  read(
    streamId: StreamId,
    fromSeqNum: number,
    limits: ReadLimits,
    durable: LogPosition,
  ): StoredBatch[] {
    const found: StoredBatch[] = [];
    let bytes = 0;
    for (const batch of this.visible(streamId, fromSeqNum, durable)) {
      if (batch.firstSeqNum >= limits.endSeqNum) break;
      found.push(batch);
      bytes += batch.bytes.length;
      if (bytes >= limits.maxBytes) break;
    }
    return found;
  }

  seekTimestamp(streamId: StreamId, timestamp: number, durable: LogPosition): number | undefined {
    const trimPoint = this.streams.get(streamId)?.state.trimPoint ?? 0;
    for (const batch of this.visible(streamId, trimPoint, durable)) {
      if (batch.lastTimestamp < timestamp) continue;
      const seqNum = seekInBatch(batch.bytes, timestamp, trimPoint);
      if (seqNum !== undefined) return seqNum;
    }
    return undefined;
  }

  seekWritten(
    streamId: StreamId,
    { cutoffMs, nowMs }: { readonly cutoffMs: number; readonly nowMs: number },
    durable: LogPosition,
  ): number {
    let seqNum = this.streams.get(streamId)?.state.trimPoint ?? 0;
    for (const batch of this.visible(streamId, seqNum, durable)) {
      if (batch.writtenMs < cutoffMs) seqNum = batch.firstSeqNum + batch.count;
      else if (batch.writtenMs <= nowMs) break;
    }
    return seqNum;
  }

  getMeta(key: Uint8Array): Uint8Array | undefined {
    return this.meta.get(keyToString(key));
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    const prefix = keyToString(scan.prefix);
    const end = endOfPrefix(prefix);
    const after = scan.startAfter === undefined ? prefix : keyAfter(keyToString(scan.startAfter));
    const entries: MetaEntry[] = [];
    if (scan.limit <= 0) return entries;
    for (const [key, value] of this.meta.from(after > prefix ? after : prefix)) {
      if (end !== undefined && key >= end) break;
      entries.push({ key: keyFromString(key), value });
      if (entries.length >= scan.limit) break;
    }
    return entries;
  }

  private append(mutation: AppendMutation, position: LogPosition): StoredBatch {
    const table = this.streams.get(mutation.streamId);
    assert(table !== undefined, "an append was checked");
    const batch = storedBatch(mutation, this.transcoded(mutation.batch, mutation.firstSeqNum));
    table.state = appended(table.state, mutation);
    table.batches.push({ position, batch });
    if (mutation.trimPoint !== undefined) this.trim(mutation.streamId, mutation.trimPoint);
    return batch;
  }

  private transcoded(batch: AppendBatch, firstSeqNum: number): Uint8Array {
    const room = maxTranscodedBytes(batch);
    if (this.staging.length < room) this.staging = new Uint8Array(room);
    const end = transcodeBatch(batch, firstSeqNum, this.staging, 0);
    // Fresh memory is the largest cost of an append here: once, of the exact size, not zeroed before.
    return Buffer.from(this.staging.subarray(0, end));
  }

  private trim(streamId: StreamId, trimPoint: number): void {
    const table = this.streams.get(streamId);
    assert(table !== undefined, "a trim was checked");
    table.state = trimmed(table.state, trimPoint);
    const firstKept = indexOf(table.batches, table.state.trimPoint);
    if (firstKept > 0) table.batches.splice(0, firstKept);
  }

  private *visible(
    streamId: StreamId,
    fromSeqNum: number,
    durable: LogPosition,
  ): IterableIterator<StoredBatch> {
    const table = this.streams.get(streamId);
    if (table === undefined) return;
    const { batches } = table;
    let from = Math.max(fromSeqNum, table.state.trimPoint);
    const trimPoint = (): number => table.state.trimPoint;
    for (let at = indexOf(batches, from); at < batches.length; at++) {
      const { batch, position } = batches[at] as PlacedBatch;
      if (batch.firstSeqNum > from)
        requireContiguous({ streamId, seqNum: from, trimPoint }, batch.firstSeqNum);
      if (position > durable) return;
      yield batch;
      from = batch.firstSeqNum + batch.count;
    }
    requireNothing({ streamId, seqNum: from, trimPoint }, table.state.tail.seqNum);
  }
}

/** Index of the batch that contains the seqNum, or of the first above. */
function indexOf(batches: readonly PlacedBatch[], seqNum: number): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { batch } = batches[middle] as PlacedBatch;
    if (batch.firstSeqNum + batch.count <= seqNum) low = middle + 1;
    else high = middle;
  }
  return low;
}
