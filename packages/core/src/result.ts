// A failure as a value, for the inner layers where failing is ordinary (a wire session, the
// sequencer's conditions). Public promise APIs reject instead; a throw inside is a bug.

import type { S2Error } from "./error.js";

/** A success with its value, or a failure with its error. */
export type Result<T, E = S2Error> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** A success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failure. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
