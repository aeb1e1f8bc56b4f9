// A bucket of which single requests are held back until a test lets them go: what happens meanwhile is
// up to the test.

import { type Deferred, deferred } from "@s2kit/core";
import type { ObjectStore } from "../../../../src/storage/object/client/object-store.js";

type Operation = "get" | "put";

interface Hold {
  readonly operation: Operation;
  readonly matches: RegExp;
  readonly reached: Deferred<string>;
  readonly released: Deferred<void>;
}

export interface Held {
  /** The key, when a request is there. */
  readonly reached: Promise<string>;
  release(): void;
}

export class HeldStore {
  readonly store: ObjectStore;
  /** Requests under way, and most at the same time, of those that `watched` matches. */
  most = 0;
  private watched: RegExp | undefined;
  private underWay = 0;
  private readonly holds: Hold[] = [];

  constructor(inner: ObjectStore) {
    this.store = {
      ...inner,
      get: async (key, range) => {
        await this.pass("get", key);
        return this.counting(key, () => inner.get(key, range));
      },
      putIfAbsent: async (key, parts) => {
        await this.pass("put", key);
        return inner.putIfAbsent(key, parts);
      },
    };
  }

  /** Holds the next request of this kind whose key matches. */
  hold(operation: Operation, matches: RegExp): Held {
    const held: Hold = { operation, matches, reached: deferred(), released: deferred() };
    this.holds.push(held);
    const release = (): void => {
      this.holds.splice(this.holds.indexOf(held) >>> 0, 1);
      held.released.resolve();
    };
    return { reached: held.reached.promise, release };
  }

  /** Counts reads of these keys from now on. */
  watch(keys: RegExp): void {
    this.watched = keys;
    this.most = 0;
  }

  private async pass(operation: Operation, key: string): Promise<void> {
    const at = this.holds.findIndex(
      (hold) => hold.operation === operation && hold.matches.test(key),
    );
    const [hold] = at < 0 ? [] : this.holds.splice(at, 1);
    hold?.reached.resolve(key);
    await hold?.released.promise;
  }

  private async counting<T>(key: string, read: () => Promise<T>): Promise<T> {
    if (this.watched?.test(key) !== true) return read();
    this.most = Math.max(this.most, ++this.underWay);
    try {
      return await read();
    } finally {
      this.underWay--;
    }
  }
}
