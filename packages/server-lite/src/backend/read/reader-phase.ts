// Where a reader is, as a union: behind the tail, waiting for storage, following, or over.
// `stream-reader` goes through it.

import type { Follower } from "../append/followers.js";
import type { TailClock } from "./tail-clock.js";

/**
 * Where a reader is:
 *
 * ```
 *   behind <-- loaded, failed -- loading
 *     |  \______ something is missing ___^
 *     |
 *     | ------ the tail is reached ----> following ---- end, failure, close ----> over
 *     ^  \________ end, failure, close ________|_______________________________________^
 *     |______________ lagged __________________|
 * ```
 */
export type ReaderPhase =
  /** Takes what is stored before the tail that it knows. */
  | { readonly kind: "behind" }
  /** Waits for storage, or for room to read. */
  | { readonly kind: "loading" }
  /** Takes what the stream makes durable, as it comes. */
  | { readonly kind: "following"; readonly follower: Follower; readonly clock: TailClock }
  /** Delivers nothing more, and holds nothing; the failure is told once. */
  | { readonly kind: "over"; readonly failure: { readonly error: unknown } | undefined };

export const BEHIND: ReaderPhase = { kind: "behind" };
export const LOADING: ReaderPhase = { kind: "loading" };
export const OVER: ReaderPhase = { kind: "over", failure: undefined };
