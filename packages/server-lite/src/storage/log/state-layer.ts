// A layer of changes over the state store: what was put, in order of the keys, and what is gone, in
// no order. A scan walks over puts only, so that a million deletions between two checkpoints cost
// it nothing here; whether an entry below is still there is a look-up. Called by `state-tables`
// alone.

import { keyFromString } from "../meta-key.js";
import { OrderedMap } from "../ordered-map.js";
import type { StreamId, StreamState } from "../storage.js";
import { encodeStreamState, streamKey } from "./state-keys.js";
import type { StateChange } from "./state-store.js";

export class StateLayer {
  readonly puts: OrderedMap<Uint8Array> = new OrderedMap();
  readonly gone: Set<string> = new Set();
  /** null marks a stream that is gone. */
  readonly streams: Map<StreamId, StreamState | null> = new Map();

  /** Number of changes. */
  get size(): number {
    return this.puts.size + this.gone.size + this.streams.size;
  }

  /** The value; null when it is gone, undefined when this layer does not say. */
  get(key: string): Uint8Array | null | undefined {
    return this.gone.has(key) ? null : this.puts.get(key);
  }

  /** Whether what lies below under this key no longer counts. */
  hides(key: string): boolean {
    return this.gone.has(key) || this.puts.has(key);
  }

  set(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.puts.delete(key);
      this.gone.add(key);
    } else {
      this.gone.delete(key);
      this.puts.set(key, value);
    }
  }
}

/**
 * Everything that a layer changes, as the store takes it: what was put first. So the garbage that
 * files count comes before the extents that are gone: a crash between the two counts it twice, and
 * the file is rewritten early. The other way round nobody would ever count it.
 */
export function* changesOf(layer: StateLayer): IterableIterator<StateChange> {
  for (const [key, value] of layer.puts.from("")) yield { key: keyFromString(key), value };
  for (const key of layer.gone) yield { key: keyFromString(key), value: undefined };
  for (const [streamId, state] of layer.streams)
    yield {
      key: keyFromString(streamKey(streamId)),
      value: state === null ? undefined : encodeStreamState(state),
    };
}
