// What the host asks of a store, written down anew: the shapes of `assistant-stream/resumable`, so
// that it is not needed to compile. A test holds them against its own.

/** How a stream is acquired. */
export interface StoreAcquireOptions {
  /** How long a stream that is made here keeps its records, ms. Default that of the store. */
  readonly ttlMs?: number;
}

/** Who writes a stream at present: a fencing token. */
export interface StoreLease {
  readonly token: string;
}

/** Who writes: the one that acquired first, with what proves it. */
export type StoreAcquisition =
  | { readonly role: "consumer" }
  | { readonly role: "producer"; readonly lease: StoreLease };

/** A chunk of a stream in its place. */
export interface StoreEntry {
  /** Who goes on behind it hands it back. */
  readonly cursor: string;
  readonly chunk: Uint8Array;
}

/** `missing`: never begun, deleted, or so old that its records are gone. */
export type StoreStatus = "done" | "error" | "missing" | "streaming";

/** A `ResumableStreamStore` of the host, and a way to stop. */
export interface ResumableStore {
  /** The first of an id produces, everybody else consumes, also when it is over. */
  acquire(streamId: string, options?: StoreAcquireOptions): Promise<StoreAcquisition["role"]>;
  /** As `acquire`, with a lease for the producer. */
  acquireLease(streamId: string, options?: StoreAcquireOptions): Promise<StoreAcquisition>;
  /**
   * Resolves when the chunk is durable, of whatever size. An empty one is left out.
   *
   * @param lease - default the last one acquired here, else that of whoever writes
   * @throws {ResumableStoreError} `missing` for a lease that is none any more, `finalized` when it
   *   is over
   */
  append(streamId: string, chunk: Uint8Array, lease?: StoreLease): Promise<void>;
  /**
   * @param error - is not kept: what went wrong with a model is nobody's business who reads
   * @returns false when it was over, or when the lease is none any more
   * @throws {ResumableStoreError} `missing`
   */
  finalize(
    streamId: string,
    status: "done" | "error",
    error?: string,
    lease?: StoreLease,
  ): Promise<boolean>;
  /**
   * The chunks behind a cursor, until the stream is over or the signal aborts.
   *
   * @param cursor - `""`: from the beginning
   * @throws {GenerationFailedError} at its end, when that is an error or a producer that died
   * @throws {ResumableStoreError} `missing`; `invalid-cursor`
   */
  read(streamId: string, cursor: string, signal: AbortSignal): AsyncIterable<StoreEntry>;
  status(streamId: string): Promise<StoreStatus>;
  /** Ends it for who reads and who writes, and removes what is there. The id can begin again. */
  delete(streamId: string): Promise<void>;
  /**
   * Ends it for all who read it, wherever it is written; its producer ends with its next chunk.
   *
   * @returns false when it does not run
   */
  stop(streamId: string): Promise<boolean>;
}

/** As the host's `ResumableStreamError`: of the same name, with its codes. */
export class ResumableStoreError extends Error {
  override readonly name = "ResumableStreamError";
  readonly code: "finalized" | "invalid-cursor" | "invalid-id" | "missing";

  constructor(code: ResumableStoreError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
