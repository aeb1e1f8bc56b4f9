// Streams and metadata held in memory: what a commit changes at once, and what reads look at. The
// memory engine is this plus durability. A batch is kept with the position it was committed at, and
// reads leave out what is above the durable one.

import { assert } from "@s2kit/core";
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
import { seekInBatch } from "../stored-batch.js";
import { appended, fit, newStream, trimmed } from "../stream-rules.js";
import { BatchLog } from "./batch-log.js";

interface StreamTable {
  state: StreamState;
  readonly batches: BatchLog;
}

export class MemoryTables {
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
            state: newStream(mutation),
            batches: new BatchLog(),
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
    const batch = table.batches.append(mutation, position);
    table.state = appended(table.state, mutation);
    if (mutation.trimPoint !== undefined) this.trim(mutation.streamId, mutation.trimPoint);
    return batch;
  }

  private trim(streamId: StreamId, trimPoint: number): void {
    const table = this.streams.get(streamId);
    assert(table !== undefined, "a trim was checked");
    table.state = trimmed(table.state, trimPoint);
    table.batches.trim(table.state.trimPoint);
  }

  private *visible(
    streamId: StreamId,
    fromSeqNum: number,
    durable: LogPosition,
  ): IterableIterator<StoredBatch> {
    const table = this.streams.get(streamId);
    if (table === undefined) return;
    let from = Math.max(fromSeqNum, table.state.trimPoint);
    const trimPoint = (): number => table.state.trimPoint;
    for (const { batch, position } of table.batches.from(from)) {
      if (batch.firstSeqNum > from)
        requireContiguous({ streamId, seqNum: from, trimPoint }, batch.firstSeqNum);
      if (position > durable) return;
      yield batch;
      from = batch.firstSeqNum + batch.count;
    }
    requireNothing({ streamId, seqNum: from, trimPoint }, table.state.tail.seqNum);
  }
}
