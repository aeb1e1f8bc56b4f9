// Applied state of the disk engine: what commits changed since the last checkpoint, laid over the
// state store. A freeze hands the changes to a checkpoint and starts anew; until the checkpoint is
// durable both layers are looked through. Streams that are not in a layer cost nothing: they are
// read from the store when touched, and a bounded number of them is kept.

import { endOfPrefix, keyAfter, keyFromString, keyToString } from "../meta-key.js";
import type { MetaEntry, MetaScan, StreamId, StreamState } from "../storage.js";
import { HiddenRuns } from "./hidden-runs.js";
import {
  decodeStreamState,
  SPACE_EXTENT,
  SPACE_META,
  SPACE_STREAM,
  streamKey,
  u64OfKey,
} from "./state-keys.js";
import { changesOf, StateLayer } from "./state-layer.js";
import type { StateChange, StateStore } from "./state-store.js";

const MAX_KEPT_STREAMS = 16_384;
/** A scan that meets only what is gone asks the store for more at once, up to this many entries. */
const MAX_PAGE = 512;
/** Fewer hidden entries in a row are not worth remembering. */
const MIN_RUN = 16;

export class StateTables {
  readonly store: StateStore;
  private active = new StateLayer();
  private frozen: StateLayer | undefined;
  private readonly hidden = new HiddenRuns();
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
    const changed = this.active.get(key);
    if (changed !== undefined) return changed ?? undefined;
    const frozen = this.frozen?.get(key);
    if (frozen !== undefined) return frozen ?? undefined;
    return this.store.get(keyFromString(key));
  }

  set(key: string, value: Uint8Array | undefined): void {
    this.active.set(key, value);
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
    const changes = this.active.puts.from(start);
    let change = changes.next();
    const takeChangesBelow = (key: string | undefined): boolean => {
      for (; change.done !== true; change = changes.next()) {
        const [changedKey, value] = change.value;
        if (key !== undefined && changedKey >= key) return false;
        found.push([changedKey, value]);
        if (found.length >= limit) return true;
      }
      return false;
    };
    for (const entry of this.below(start, end, limit)) {
      if (takeChangesBelow(entry[0])) return found;
      found.push(entry);
      if (found.length >= limit) return found;
    }
    takeChangesBelow(end);
    return found;
  }

  /** What counts below the active layer, in order. */
  private *below(
    start: string,
    end: string | undefined,
    limit: number,
  ): IterableIterator<[string, Uint8Array]> {
    let hiddenFrom = start;
    let hiddenCount = 0;
    const passHidden = (upTo: string): void => {
      if (hiddenCount >= MIN_RUN && hiddenFrom < upTo) this.hidden.add(hiddenFrom, upTo);
      hiddenCount = 0;
    };
    let from = start;
    for (let pageSize = limit; ; pageSize = Math.min(2 * pageSize, MAX_PAGE)) {
      from = this.hidden.behind(from);
      if (end !== undefined && from >= end) return;
      const page = this.store.scan({
        start: keyFromString(from),
        end: end === undefined ? undefined : keyFromString(end),
        limit: pageSize,
      });
      const isLast = page.length < pageSize;
      const pageEnd = isLast ? end : keyAfter(keyToString((page.at(-1) as MetaEntry).key));
      for (const [key, value] of this.frozenOver(page, from, pageEnd)) {
        if (value === undefined) {
          hiddenCount++;
          continue;
        }
        passHidden(key);
        hiddenFrom = keyAfter(key);
        yield [key, value];
      }
      if (isLast) break;
      from = pageEnd as string;
      // A long way over what is gone is remembered as it is made, should the caller stop here.
      if (hiddenCount >= MIN_RUN) this.hidden.add(hiddenFrom, from);
    }
    if (end !== undefined) passHidden(end);
  }

  /** A page of the store with the frozen puts among it, in order; undefined where one is hidden. */
  private *frozenOver(
    page: readonly MetaEntry[],
    from: string,
    end: string | undefined,
  ): IterableIterator<readonly [string, Uint8Array | undefined]> {
    const { active, frozen } = this;
    const puts = frozen?.puts.from(from);
    let put = puts?.next();
    for (const entry of page) {
      const key = keyToString(entry.key);
      for (; put !== undefined && put.done !== true && put.value[0] < key; put = puts?.next())
        yield active.hides(put.value[0]) ? [put.value[0], undefined] : put.value;
      if (frozen?.puts.has(key) === true) continue;
      const isHidden = active.hides(key) || frozen?.gone.has(key) === true;
      yield [key, isHidden ? undefined : entry.value];
    }
    for (; put !== undefined && put.done !== true; put = puts?.next()) {
      if (end !== undefined && put.value[0] >= end) return;
      yield active.hides(put.value[0]) ? [put.value[0], undefined] : put.value;
    }
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
    const frozen = this.active;
    this.frozen = frozen;
    this.active = new StateLayer();
    // What was put counts as below from now on.
    this.hidden.cut((key) => frozen.puts.from(key).next().value?.[0]);
  }

  /** The frozen changes, in slices that a transaction takes at once. */
  *frozenChanges(sliceSize: number): IterableIterator<StateChange[]> {
    let slice: StateChange[] = [];
    if (this.frozen === undefined) return;
    for (const change of changesOf(this.frozen)) {
      slice.push(change);
      if (slice.length < sliceSize) continue;
      yield slice;
      slice = [];
    }
    yield slice;
  }

  /** The store has the frozen changes now. */
  thaw(): void {
    if (this.frozen === undefined) return;
    const { streams } = this.frozen;
    // A great many are not kept anyway: only what is kept has to be put right, in one turn of the
    // loop.
    const touched = streams.size > MAX_KEPT_STREAMS ? [...this.kept.keys()] : streams.keys();
    for (const streamId of touched) {
      const state = streams.get(streamId);
      if (state === null) this.kept.delete(streamId);
      else if (state !== undefined) this.keep(streamId, state);
    }
    // What is below the active layer is the same as before, so hidden ranges stay hidden.
    this.frozen = undefined;
  }

  private keep(streamId: StreamId, state: StreamState): void {
    this.kept.delete(streamId);
    this.kept.set(streamId, state);
    if (this.kept.size > MAX_KEPT_STREAMS)
      this.kept.delete(this.kept.keys().next().value as StreamId);
  }
}
