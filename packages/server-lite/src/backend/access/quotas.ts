// Limits that an operator may set per stream and per access token: rates of appends, and readers at
// the same time. A single request above a limit is refused with a hint when to come back; a session
// waits. Spec: control-plane#error-codes, data-plane#limits.

import { type Clock, S2Error } from "@s2kit/core";
import type { StreamId } from "../../storage/storage.js";
import { visitInTurns } from "../../waiting/turn.js";
import { TokenBucket } from "./token-bucket.js";

/** Limits of one stream, or of one token over all streams. Absent ones do not limit. */
export interface QuotaLimits {
  /** Metered bytes of appends per second; above 0. */
  readonly appendBytesPerSec?: number | undefined;
  /** Above 0. */
  readonly appendBatchesPerSec?: number | undefined;
  /** Reads that are open at the same time, of any kind; a whole number. */
  readonly concurrentReaders?: number | undefined;
}

/** How much tokens may ask for. */
export interface QuotaSettings {
  readonly perStream?: QuotaLimits | undefined;
  /** The root token, and everyone when authentication is off, has no such limits. */
  readonly perToken?: QuotaLimits | undefined;
}

/** The pace at which appends of one request or session are admitted. */
export interface AppendPace {
  /** A session waits for its turn; a single append is refused instead. */
  readonly isPatient: boolean;
  /**
   * Takes the batch into account, unless it has to wait.
   *
   * @returns how long to wait before the next try, ms; 0 when admitted
   */
  admit(meteredBytes: number): number;
}

/** Hint to a refused reader: nobody can tell when another one leaves. */
const READER_RETRY_MS = 1000;

const SWEEP_PER_TURN = 2000;

interface Holder {
  readonly limits: QuotaLimits;
  readonly buckets: readonly { readonly bucket: TokenBucket; readonly isBytes: boolean }[];
  readers: number;
}

export class Quotas {
  private readonly settings: QuotaSettings;
  private readonly clock: Clock;
  private readonly holders = new Map<string, Holder>();

  constructor(settings: QuotaSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Streams and tokens that are remembered. */
  get size(): number {
    return this.holders.size;
  }

  /** Readers that are counted in, by all who count them. */
  get readerCount(): number {
    let count = 0;
    for (const { readers } of this.holders.values()) count += readers;
    return count;
  }

  /** Undefined when nothing limits these appends. */
  appendPace(
    streamId: StreamId,
    tokenId: string | undefined,
    isPatient: boolean,
  ): AppendPace | undefined {
    if (this.keysOf(streamId, tokenId).every(([, limits]) => !limitsAppends(limits)))
      return undefined;
    return {
      isPatient,
      admit: (meteredBytes) => this.admit(streamId, tokenId, meteredBytes),
    };
  }

  /**
   * Counts a reader in.
   *
   * @returns a function that counts it out, once; undefined when nothing limits readers
   * @throws {S2Error} `rate_limited`
   */
  enterReader(streamId: StreamId, tokenId: string | undefined): (() => void) | undefined {
    const holders = this.keysOf(streamId, tokenId)
      .filter(([, { concurrentReaders }]) => concurrentReaders !== undefined)
      .map(([key, limits]) => this.holder(key, limits));
    if (holders.length === 0) return undefined;
    for (const { limits, readers } of holders)
      if (readers >= (limits.concurrentReaders ?? 0))
        throw rateLimited("too many concurrent readers", READER_RETRY_MS);
    for (const holder of holders) holder.readers++;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      for (const holder of holders) holder.readers--;
    };
  }

  /** Forgets whom nothing has to be remembered about. */
  sweep(): Promise<void> {
    const now = this.clock.monotonic();
    return visitInTurns(this.holders, SWEEP_PER_TURN, (key, { buckets, readers }) => {
      if (readers === 0 && buckets.every(({ bucket }) => bucket.isFull(now)))
        this.holders.delete(key);
    });
  }

  private admit(streamId: StreamId, tokenId: string | undefined, meteredBytes: number): number {
    const now = this.clock.monotonic();
    // All or none: a batch that one bucket holds back takes nothing from the others.
    const buckets = this.keysOf(streamId, tokenId).flatMap(
      ([key, limits]) => this.holder(key, limits).buckets,
    );
    const delayMs = Math.max(0, ...buckets.map(({ bucket }) => bucket.delayMs(now)));
    if (delayMs > 0) return delayMs;
    for (const { bucket, isBytes } of buckets) bucket.take(isBytes ? meteredBytes : 1, now);
    return 0;
  }

  private keysOf(
    streamId: StreamId,
    tokenId: string | undefined,
  ): readonly (readonly [string, QuotaLimits])[] {
    const { perStream, perToken } = this.settings;
    const keys: (readonly [string, QuotaLimits])[] = [];
    if (perStream !== undefined) keys.push([`stream/${streamId}`, perStream]);
    if (perToken !== undefined && tokenId !== undefined) keys.push([`token/${tokenId}`, perToken]);
    return keys;
  }

  private holder(key: string, limits: QuotaLimits): Holder {
    let holder = this.holders.get(key);
    if (holder === undefined) {
      holder = { limits, buckets: bucketsOf(limits, this.clock.monotonic()), readers: 0 };
      this.holders.set(key, holder);
    }
    return holder;
  }
}

export function rateLimited(message: string, retryAfterMs: number): S2Error {
  return new S2Error({ code: "rate_limited", message, retryAfterMs });
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a limit that could never be kept */
export function checkQuotas({ perStream, perToken }: QuotaSettings): void {
  for (const limits of [perStream, perToken])
    for (const [name, value] of Object.entries(limits ?? {}) as [string, number | undefined][]) {
      const isWhole = name !== "concurrentReaders" || Number.isInteger(value);
      if (value === undefined || (value > 0 && Number.isFinite(value) && isWhole)) continue;
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `limit must be above 0 name=${name}`,
      });
    }
}

function limitsAppends({ appendBatchesPerSec, appendBytesPerSec }: QuotaLimits): boolean {
  return appendBatchesPerSec !== undefined || appendBytesPerSec !== undefined;
}

function bucketsOf(limits: QuotaLimits, nowMs: number): Holder["buckets"] {
  const { appendBatchesPerSec, appendBytesPerSec } = limits;
  const buckets: { bucket: TokenBucket; isBytes: boolean }[] = [];
  if (appendBytesPerSec !== undefined)
    buckets.push({ bucket: new TokenBucket(appendBytesPerSec, nowMs), isBytes: true });
  if (appendBatchesPerSec !== undefined)
    buckets.push({ bucket: new TokenBucket(appendBatchesPerSec, nowMs), isBytes: false });
  return buckets;
}
