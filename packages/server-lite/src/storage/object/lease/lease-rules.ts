// When a lease counts. Two clocks look at the holder's own: one that a jump of the wall clock does
// not move, and one that goes on while the machine sleeps; the lease is valid while both say so.
// The observer waits longer than the holder may believe, by more than clocks differ in their rates.
// Pure.

/** A moment on both clocks of a process, ms. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface LeaseRules {
  /** Whether the holder may count on a renewal that it began to send at a moment. */
  isValid(sent: Moment, now: Moment): boolean;
  /** Whether somebody who showed no change for so long holds nothing any more. */
  isSilent(silentMs: number): boolean;
}

/** Of the lease: what a holder counts on. */
const VALID_PART = 0.75;
/** Of the lease: what an observer waits. Together they bear clock rates that differ by 25 %. */
const SILENT_PART = 1.25;

/** @param leaseMs - the length of a lease; the same for all nodes of a store */
export function leaseRules(leaseMs: number): LeaseRules {
  const validMs = VALID_PART * leaseMs;
  const isWithin = (elapsedMs: number): boolean => elapsedMs >= 0 && elapsedMs < validMs;
  return {
    isValid: (sent, now) =>
      isWithin(now.monotonicMs - sent.monotonicMs) && isWithin(now.wallMs - sent.wallMs),
    isSilent: (silentMs) => silentMs >= SILENT_PART * leaseMs,
  };
}
