// A state store in memory for tests, with the crash behaviour of a real one. A crash keeps every
// transaction that was reported durable, and any number of those in flight, in order.

import type { StateChange, StateRange, StateStore } from "../../log/state-store.js";
import { keyFromString, keyToString } from "../../meta-key.js";
import { OrderedMap } from "../../ordered-map.js";
import type { MetaEntry } from "../../storage.js";

/** What survives the store, as the files of a real one do. */
export class MemoryStateMedium {
  readonly entries: OrderedMap<Uint8Array> = new OrderedMap();
  /** Transactions that were written and not yet reported durable, oldest first. */
  readonly pending: (readonly StateChange[])[] = [];
  /** Asked before each transaction; may throw what a disk throws, and counts as a crash point. */
  beforeWrite: (changes: readonly StateChange[]) => Promise<void> = async () => {};
  /** Tells a crash from a failure that the process survives. */
  isStopped: () => boolean = () => false;
  /** Grows with each crash: stores of an earlier life are dead. */
  life = 0;

  /** @param kept - how many of the pending transactions survive */
  crash(kept: number): void {
    this.life++;
    for (const changes of this.pending.splice(0).slice(0, kept)) this.apply(changes);
  }

  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes)
      if (value === undefined) this.entries.delete(keyToString(key));
      else this.entries.set(keyToString(key), value);
  }
}

/** A state store that lives in memory alone. */
export function openMemoryStateStore(medium: MemoryStateMedium): StateStore {
  let tail: Promise<void> = Promise.resolve();
  const { life } = medium;
  const transact = async (changes: readonly StateChange[]): Promise<void> => {
    // The medium crashed, and this store with it.
    if (life !== medium.life) return new Promise<void>(() => {});
    medium.pending.push(changes);
    await medium.beforeWrite(changes).catch((error: unknown) => {
      // A transaction that failed is aborted; one that the crash caught is drawn by it.
      if (!medium.isStopped()) medium.pending.splice(medium.pending.indexOf(changes), 1);
      throw error;
    });
    if (life !== medium.life) return new Promise<void>(() => {});
    const at = medium.pending.indexOf(changes);
    medium.pending.splice(at, 1);
    medium.apply(changes);
  };
  return {
    get(key) {
      const value = medium.entries.get(keyToString(key));
      return value === undefined ? undefined : Uint8Array.from(value);
    },
    scan(range) {
      return scan(medium, range);
    },
    count: () => medium.entries.size,
    write(changes) {
      const copies = changes.map(({ key, value }) => ({
        key: Uint8Array.from(key),
        value: value === undefined ? undefined : Uint8Array.from(value),
      }));
      const done = tail.then(() => transact(copies));
      tail = done.catch(() => undefined);
      return done;
    },
    close: () => tail,
  };
}

function scan(medium: MemoryStateMedium, range: StateRange): MetaEntry[] {
  const end = range.end === undefined ? undefined : keyToString(range.end);
  const found: MetaEntry[] = [];
  for (const [key, value] of medium.entries.from(keyToString(range.start))) {
    if (found.length >= range.limit || (end !== undefined && key >= end)) break;
    found.push({ key: keyFromString(key), value: Uint8Array.from(value) });
  }
  return found;
}
