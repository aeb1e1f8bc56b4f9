// Invariants of our own code. A failed assert is a bug here, never bad input: input that a peer
// or a user controls gets a coded error instead. The edge that catches an InvariantError turns it
// into an S2Error with code INTERNAL_ERROR; it stands below `error` so that no import is circular.

/** A broken promise of our own code. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws unless the condition holds. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${invariant}`);
}

/** Ends an exhaustive switch: the compiler proves that no case is left. */
export function unreachable(value: never): never {
  throw new InvariantError(`broken invariant: unhandled case value=${String(value)}`);
}
