// What the two sides of the ending proxy share: an answer on its way through it. For tests only.
// Types alone.

/** One answer that passes through: how it is ended, and how a byte of it is noted. */
export interface Passage {
  /** A byte passed: the time without one begins anew. */
  touch(): void;
  /** It is over by itself. */
  leave(): void;
  /** The server broke it off: the client sees a proper end. */
  end(): void;
}
