// What every call takes as its last argument.
// Spec: sdk#surface.

import { requireKnownOptions } from "@s2kit/core";

/** Options of a single call. */
export interface RequestOptions {
  /** Aborts the call, its retries and its waits: it then rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Bound of each try, instead of the client's `requestTimeoutMillis`. */
  readonly timeoutMillis?: number | undefined;
  /** Extra headers of this call. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const KNOWN = ["signal", "timeoutMillis", "headers"];

/**
 * Checks the options of a call.
 *
 * @param more - what this call has besides
 * @throws {S2Error} `INVALID_ARGUMENT` for one that does not exist
 */
export function requireRequestOptions(
  options: unknown,
  call: string,
  more: readonly string[] = [],
): void {
  requireKnownOptions(options, [...KNOWN, ...more], `the options of ${call}`);
}
