// Large buffers that are lent, counted, and used again: fresh memory of this size costs page faults
// when it comes and collections when it goes. Whoever keeps a view beyond the turn in which it got
// it holds the buffer, and says how the hold ended: given back when nobody looks through the view
// any more, forfeited when that cannot be known. A buffer is used again only when every hold was
// given back; one that was forfeited is left to the garbage collector, as if it had never been
// lent.
//
// Holds go by the buffer, so those who pass views on need not know of it: for a buffer that is not
// lent they count nothing.

import { assert } from "@s2kit/core";

/** Below, fresh memory costs little. */
const MIN_LENT_BYTES = 256 * 1024;
/** What is added to a round size, so that rows and payloads of a round size fit together. */
const MARGIN_BYTES = 4096;
const KIB = 1024;
/** Few sizes, so that what comes back fits what is wanted next; above, none is kept. */
const SIZES: readonly number[] = [384, 512, 768, 1024, 1536, 2048].map(
  (kib) => kib * KIB + MARGIN_BYTES,
);

/** In the global registry, as each face of the package is its own bundle. Tests set it. */
export const POISON: unique symbol = Symbol.for("s2kit.server-lite.poison-returned-buffers");
const POISON_BYTE = 0xa5;

interface Loan {
  readonly pool: LentBuffers;
  readonly buffer: ArrayBuffer;
  holds: number;
  /** The owner keeps the bytes for later borrowers: no hold, but not to be written over. */
  isKept: boolean;
  isForfeited: boolean;
  /** Waits for the next borrower. */
  isFree: boolean;
}

const loans = new WeakMap<ArrayBufferLike, Loan>();

/** Most of what is asked about is too short to be lent, and needs no look at the table. */
function loanOf(buffer: ArrayBufferLike): Loan | undefined {
  return buffer.byteLength < MIN_LENT_BYTES ? undefined : loans.get(buffer);
}

/** One holder more of a buffer, if it is lent. */
export function hold(buffer: ArrayBufferLike): void {
  const loan = loanOf(buffer);
  if (loan === undefined) return;
  assert(!loan.isFree, "what was returned is not looked at any more");
  if (loan.holds++ === 0) loan.pool.lentCount++;
}

/** A hold ended, and nobody looks at the buffer through it any more. */
export function giveBack(buffer: ArrayBufferLike): void {
  end(loanOf(buffer));
}

/** A hold ended, and somebody may look at the buffer still: it is not used again. */
export function forfeit(buffer: ArrayBufferLike): void {
  const loan = loanOf(buffer);
  if (loan === undefined) return;
  loan.isForfeited = true;
  end(loan);
}

/** Nobody holds the view, and somebody got it to keep: its buffer is not used again. */
export function giveAway(buffer: ArrayBufferLike): void {
  const loan = loanOf(buffer);
  if (loan !== undefined) loan.isForfeited = true;
}

/** Gives back the holds on views: one for each run of neighbours in one buffer. */
export function giveBackRuns(views: Iterable<{ readonly bytes: Uint8Array }>): void {
  let last: ArrayBufferLike | undefined;
  for (const { bytes } of views) {
    if (bytes.buffer === last) continue;
    last = bytes.buffer;
    giveBack(last);
  }
}

function end(loan: Loan | undefined): void {
  if (loan === undefined) return;
  assert(loan.holds > 0, "no more holds end than began");
  if (--loan.holds > 0) return;
  loan.pool.lentCount--;
  loan.pool.settle(loan);
}

export class LentBuffers {
  /** Number of buffers that somebody holds. */
  lentCount = 0;
  private readonly maxFreeBytes: number;
  private readonly free = new Map<number, ArrayBuffer[]>();
  private freeSum = 0;
  private readonly isPoisoning: boolean;

  /** @param maxFreeBytes - kept for the next borrowers */
  constructor(maxFreeBytes: number) {
    this.maxFreeBytes = maxFreeBytes;
    this.isPoisoning = (globalThis as { readonly [POISON]?: boolean })[POISON] === true;
  }

  get freeBytes(): number {
    return this.freeSum;
  }

  /**
   * Bytes with anything in them, held once by the caller. Short ones are ordinary memory, that
   * needs no holds.
   */
  lend(length: number): Uint8Array<ArrayBuffer> {
    const size = SIZES.find((each) => each >= length);
    if (size === undefined || length < MIN_LENT_BYTES) return new Uint8Array(length);
    const known = this.free.get(size)?.pop();
    if (known !== undefined) this.freeSum -= size;
    const buffer = known ?? new ArrayBuffer(size);
    loans.set(buffer, {
      pool: this,
      buffer,
      holds: 1,
      isKept: false,
      isForfeited: false,
      isFree: false,
    });
    this.lentCount++;
    return new Uint8Array(buffer, 0, length);
  }

  /**
   * The owner keeps the bytes: what is given back stays as it is until {@link LentBuffers.drop}.
   */
  keep(buffer: ArrayBufferLike): void {
    const loan = loans.get(buffer);
    if (loan !== undefined) loan.isKept = true;
  }

  drop(buffer: ArrayBufferLike): void {
    const loan = loans.get(buffer);
    if (loan === undefined) return;
    loan.isKept = false;
    if (loan.holds === 0) this.settle(loan);
  }

  /** Takes a buffer back that nobody holds, unless it is kept or was forfeited. */
  settle(loan: Loan): void {
    const { buffer, isForfeited, isKept } = loan;
    if (isKept) return;
    const size = buffer.byteLength;
    if (this.isPoisoning && !isForfeited) new Uint8Array(buffer).fill(POISON_BYTE);
    if (isForfeited || this.freeSum + size > this.maxFreeBytes) {
      loans.delete(buffer);
      return;
    }
    loan.isFree = true;
    const list = this.free.get(size);
    if (list === undefined) this.free.set(size, [buffer]);
    else list.push(buffer);
    this.freeSum += size;
  }
}
