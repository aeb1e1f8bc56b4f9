// A layer of changes over the state store: what was put, in order of the keys, and what is gone, in
// no order. A scan walks over puts only, so that a million deletions between two checkpoints cost
// it nothing here; whether an entry below is still there is a look-up. Called by `state-tables`
// alone.

import { OrderedMap } from "../ordered-map.js";
import type { StreamId, StreamState } from "../storage.js";

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
