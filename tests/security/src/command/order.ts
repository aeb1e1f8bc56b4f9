// What the command line and its threads tell each other.

export interface WorkerOrder {
  readonly entry: string;
  readonly seed: number;
  readonly seconds: number;
  /** What is being fed: a count, a length, the bytes. */
  readonly shown: SharedArrayBuffer;
}

/** Places in the head, as 32-bit numbers. */
export const COUNT_AT = 0;
export const LENGTH_AT = 1;
export const SHOWN_HEAD_BYTES = 8;
export const MAX_SHOWN_BYTES: number = 64 * 1024;
