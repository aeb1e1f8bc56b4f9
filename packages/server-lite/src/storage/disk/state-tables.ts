// Applied state of the disk engine: what commits changed since the last checkpoint, laid over the
// state store. A freeze hands the changes to a checkpoint and starts anew; until the checkpoint is
// durable both layers are looked through. Streams that are not in a layer cost nothing: they are
// read from the store when touched, and a bounded number of them is kept.

import { endOfPrefix, keyAfter, keyFromString, keyToString } from "../meta-key.js";
import { OrderedMap } from "../ordered-map.js";
import type { MetaEntry, MetaScan, StreamId, StreamState } from "../storage.js";
import {
  decodeStreamState,
  encodeStreamState,
  SPACE_EXTENT,
  SPACE_META,
  SPACE_STREAM,
  streamKey,
  u64OfKey,
} from "./state-keys.js";
import type { StateChange, StateStore } from "./state-store.js";

const MAX_KEPT_STREAMS = 16_384;

/** Changes since a checkpoint; null marks what is gone. */
class Layer {
  readonly entries = new OrderedMap<Uint8Array | null>();
  readonly streams = new Map<StreamId, StreamState | null>();

  get size(): number {
    return this.entries.size + this.streams.size;
  }
}

export class StateTables {
  readonly store: StateStore;
  private active = new Layer();
  private frozen: Layer | undefined;
  /** Streams as the store has them; oldest out first. */
  private readonly kept = new Map<StreamId, StreamState>();

  constructor(store: StateStore) {
    this.store = store;
  }

  /** Number of changes that the next checkpoint will write. */
  get changeCount(): number {
    return this.active.size;
  }

  stream(streamId: StreamId): StreamState | undefined {
    const changed = this.active.streams.get(streamId);
    if (changed !== undefined) return changed ?? undefined;
    const frozen = this.frozen?.streams.get(streamId);
    if (frozen !== undefined) return frozen ?? undefined;
    const kept = this.kept.get(streamId);
    if (kept !== undefined) return kept;
    const bytes = this.store.get(keyFromString(streamKey(streamId)));
    if (bytes === undefined) return undefined;
    const state = decodeStreamState(bytes);
    this.keep(streamId, state);
    return state;
  }

  setStream(streamId: StreamId, state: StreamState | undefined): void {
    this.active.streams.set(streamId, state ?? null);
  }

  /** An entry by its full key, with its space. */
  get(key: string): Uint8Array | undefined {
    const changed = this.active.entries.get(key);
    if (changed !== undefined) return changed ?? undefined;
    const frozen = this.frozen?.entries.get(key);
    if (frozen !== undefined) return frozen ?? undefined;
    return this.store.get(keyFromString(key));
  }

  set(key: string, value: Uint8Array | undefined): void {
    this.active.entries.set(key, value ?? null);
  }

  scanMeta(scan: MetaScan): MetaEntry[] {
    const prefix = SPACE_META + keyToString(scan.prefix);
    const after =
      scan.startAfter === undefined ? prefix : keyAfter(SPACE_META + keyToString(scan.startAfter));
    const entries = this.scan(after > prefix ? after : prefix, endOfPrefix(prefix), scan.limit);
    return entries.map(([key, value]) => ({ key: keyFromString(key.slice(1)), value }));
  }

  /** Entries of a range of full keys in order: the layers over the store. */
  scan(start: string, end: string | undefined, limit: number): [string, Uint8Array][] {
    const found: [string, Uint8Array][] = [];
    if (limit <= 0 || (end !== undefined && start >= end)) return found;
    const over = this.changesIn(start, end);
    let change = over.next();
    let from = start;
    for (;;) {
      const page = this.store.scan({
        start: keyFromString(from),
        end: end === undefined ? undefined : keyFromString(end),
        limit,
      });
      for (const entry of page) {
        const key = keyToString(entry.key);
        for (; change.done !== true && change.value[0] < key; change = over.next())
          if (push(found, change.value, limit)) return found;
        if (change.done !== true && change.value[0] === key) {
          if (push(found, change.value, limit)) return found;
          change = over.next();
        } else if (push(found, [key, entry.value], limit)) return found;
        from = keyAfter(key);
      }
      if (page.length < limit) break;
    }
    for (; change.done !== true; change = over.next())
      if (push(found, change.value, limit)) return found;
    return found;
  }

  /** All streams, in no order. */
  *allStreams(): IterableIterator<readonly [StreamId, StreamState]> {
    for (const [streamId, state] of this.active.streams)
      if (state !== null) yield [streamId, state];
    const seen = this.active.streams;
    const frozen = this.frozen?.streams;
    for (const [streamId, state] of frozen ?? [])
      if (state !== null && !seen.has(streamId)) yield [streamId, state];
    const pageSize = 1000;
    for (let start = SPACE_STREAM; ; ) {
      const page = this.store.scan({
        start: keyFromString(start),
        end: keyFromString(SPACE_EXTENT),
        limit: pageSize,
      });
      for (const entry of page) {
        const key = keyToString(entry.key);
        start = keyAfter(key);
        const streamId = u64OfKey(key, 1);
        if (!seen.has(streamId) && frozen?.has(streamId) !== true)
          yield [streamId, decodeStreamState(entry.value)];
      }
      if (page.length < pageSize) return;
    }
  }

  /** Takes the changes so far out for a checkpoint; at most one at a time. */
  freeze(): void {
    if (this.frozen !== undefined) throw new Error("one checkpoint at a time");
    this.frozen = this.active;
    this.active = new Layer();
  }

  /** The frozen changes, in slices that a transaction takes at once. */
  *frozenChanges(sliceSize: number): IterableIterator<StateChange[]> {
    let slice: StateChange[] = [];
    if (this.frozen === undefined) return;
    for (const [key, value] of this.frozen.entries.from("")) {
      slice.push({ key: keyFromString(key), value: value ?? undefined });
      if (slice.length >= sliceSize) {
        yield slice;
        slice = [];
      }
    }
    for (const [streamId, state] of this.frozen.streams) {
      slice.push({
        key: keyFromString(streamKey(streamId)),
        value: state === null ? undefined : encodeStreamState(state),
      });
      if (slice.length >= sliceSize) {
        yield slice;
        slice = [];
      }
    }
    yield slice;
  }

  /** The store has the frozen changes now. */
  thaw(): void {
    if (this.frozen === undefined) return;
    for (const [streamId, state] of this.frozen.streams)
      if (state === null) this.kept.delete(streamId);
      else this.keep(streamId, state);
    this.frozen = undefined;
  }

  private keep(streamId: StreamId, state: StreamState): void {
    this.kept.delete(streamId);
    this.kept.set(streamId, state);
    if (this.kept.size > MAX_KEPT_STREAMS)
      this.kept.delete(this.kept.keys().next().value as StreamId);
  }

  /** Both layers in order; the newer one wins. */
  private *changesIn(
    start: string,
    end: string | undefined,
  ): IterableIterator<readonly [string, Uint8Array | null]> {
    const upper = this.active.entries.from(start);
    const lower = (this.frozen ?? new Layer()).entries.from(start);
    let a = upper.next();
    let b = lower.next();
    while (a.done !== true || b.done !== true) {
      const takesUpper = b.done === true || (a.done !== true && a.value[0] <= b.value[0]);
      const entry = (takesUpper ? a.value : b.value) as readonly [string, Uint8Array | null];
      if (end !== undefined && entry[0] >= end) return;
      if (b.done !== true && b.value[0] === entry[0]) b = lower.next();
      if (takesUpper) a = upper.next();
      yield entry;
    }
  }
}

/** True when the limit is reached. */
function push(
  found: [string, Uint8Array][],
  entry: readonly [string, Uint8Array | null],
  limit: number,
): boolean {
  if (entry[1] !== null) found.push([entry[0], entry[1]]);
  return found.length >= limit;
}
