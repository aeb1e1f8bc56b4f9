// A bucket as the object engine sees it. Put-if-absent is the only primitive that decides anything:
// every S3-compatible store that is worth the name keeps it, and nothing else is portable.
// Everything here is one attempt; who repeats a request, and for how long, is decided above
// (`steady-store`).

/** What became of a put-if-absent whose answer arrived. */
export type PutOutcome =
  /** 200: the object was absent and is ours now. */
  | { readonly kind: "stored" }
  /**
   * 412: an object with this key is there. It may be ours, from an attempt whose answer was lost:
   * reading it tells.
   */
  | { readonly kind: "exists" };

export interface ObjectEntry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * One page of a listing. Keys come in no promised order (S3 Express sorts nothing): who needs an
 * order reads all pages.
 */
export interface ObjectPage {
  readonly entries: readonly ObjectEntry[];
  /** Where the next page begins; absent on the last. */
  readonly cursor?: string;
}

/** A part of an object, in bytes. It may reach beyond the end: then what is there is answered. */
export interface ObjectRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Why an attempt gave no answer that counts.
 *
 * - `unknown`: a timeout, a cut, a 409 or a 5xx: the request may have taken effect, now or later;
 *   the same bytes again.
 * - `busy`: 429, 503 SlowDown: as `unknown`, after a longer wait.
 * - `denied`: 401, 403: the credentials; may end when they are renewed.
 * - `clock`: the store refuses the signature because the clocks differ too much.
 * - `noBucket`: there is no such bucket.
 * - `rejected`: any other 4xx: the same request will never be accepted.
 */
export type ObjectFailure = "unknown" | "busy" | "denied" | "clock" | "noBucket" | "rejected";

/** An attempt that failed. The message names operation and key, never credentials or full URLs. */
export class ObjectStoreError extends Error {
  override readonly name = "ObjectStoreError";
  readonly failure: ObjectFailure;

  constructor(failure: ObjectFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/**
 * The operations on a bucket, below one prefix: keys here do not contain it. Each is one attempt
 * and rejects with an {@link ObjectStoreError}; an aborted `signal` rejects as `unknown`, because
 * the request may still take effect.
 */
export interface ObjectStore {
  /**
   * Writes an object unless one of this key is there. The parts are sent as they are: they must not
   * change until the promise is settled, and are not looked at afterwards.
   */
  putIfAbsent(key: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<PutOutcome>;
  /** Writes an object whatever is there. Only for leases, which one process alone writes. */
  overwrite(key: string, parts: readonly Uint8Array[], signal?: AbortSignal): Promise<void>;
  /** The object, or the part of it, in memory of its own; `undefined` when there is none. */
  get(key: string, range?: ObjectRange, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Whether an object of this key is there. */
  exists(key: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * One page of the keys that begin with `prefix`, after those of `cursor`; the store bounds its
   * size.
   */
  list(prefix: string, cursor?: string, signal?: AbortSignal): Promise<ObjectPage>;
  /** Removes objects; one that is not there counts as removed. */
  delete(keys: readonly string[], signal?: AbortSignal): Promise<void>;
}
