// What the oracle found wrong: which promise was broken, and how. The promise names the kind, so
// that a shrunken history can be told to fail in the same way.

export type BrokenPromise =
  | "stuck"
  | "contiguous"
  | "durable"
  | "atomic"
  | "linearizable"
  | "ordered"
  | "refused"
  | "trimmed"
  | "deleted"
  | "authorized"
  | "sealed"
  | "ledger"
  | "memory"
  | "sound"
  | "unexpected";

export class Violation extends Error {
  override readonly name = "Violation";
  readonly promise: BrokenPromise;
  /** How it was broken; the message names the promise too. */
  readonly what: string;

  constructor(promise: BrokenPromise, what: string) {
    super(`${promise}: ${what}`);
    this.promise = promise;
    this.what = what;
  }
}

/** Any other error than those that clients have to bear. */
export function unexpected(error: unknown): Violation {
  if (error instanceof Violation) return error;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Violation("unexpected", what);
}
