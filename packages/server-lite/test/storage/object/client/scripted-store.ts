// An object store that does what a test says, request by request, for tests of what is built over
// stores. It notes what was sent.

import type {
  ObjectPage,
  ObjectRange,
  ObjectStore,
  PutOutcome,
} from "../../../../src/storage/object/client/object-store.js";
import { ObjectStoreError } from "../../../../src/storage/object/client/object-store.js";

/** One request under way, to be answered by the test. */
export interface Open {
  readonly operation: string;
  readonly key: string;
  readonly parts: readonly Uint8Array[];
  readonly signal: AbortSignal | undefined;
  answer(value: unknown): void;
  fail(error: Error): void;
}

export class ScriptedStore implements ObjectStore {
  /** All that came, in order. */
  readonly requests: Open[] = [];

  get last(): Open {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error("nothing was asked");
    return last;
  }

  putIfAbsent(
    key: string,
    parts: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<PutOutcome> {
    return this.open("put", key, parts, signal);
  }

  overwrite(key: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
    return this.open("overwrite", key, parts, signal);
  }

  get(key: string, _range?: ObjectRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.open("get", key, [], signal);
  }

  exists(key: string, signal?: AbortSignal): Promise<boolean> {
    return this.open("exists", key, [], signal);
  }

  list(prefix: string, _cursor?: string, signal?: AbortSignal): Promise<ObjectPage> {
    return this.open("list", prefix, [], signal);
  }

  delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.open("delete", keys.join(), [], signal);
  }

  private open<T>(
    operation: string,
    key: string,
    parts: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const answer = (value: unknown): void => resolve(value as T);
      this.requests.push({ operation, key, parts, signal, answer, fail: reject });
      const onAbort = (): void =>
        reject(new ObjectStoreError("unknown", `${operation} ${key} was given up`));
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
