// What every call takes as its last argument. Spec: sdk#surface.

/** Options of a single call. */
export interface RequestOptions {
  /** Aborts the call, its retries and its waits: it then rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Bound of each try, instead of the client's `requestTimeoutMillis`. */
  readonly timeoutMillis?: number | undefined;
  /** Extra headers of this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}
