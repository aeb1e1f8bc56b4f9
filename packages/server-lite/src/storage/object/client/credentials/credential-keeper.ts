// The credentials in force: found once, kept, renewed before they expire, by one renewal at a time
// however many requests wait for it. A renewal that fails while the old ones still hold is no
// failure yet.

import { assert, type Clock } from "@s2kit/core";
import { type CredentialSource, type Credentials, CredentialsError } from "./credentials.js";

/** Renewed from so long before their end; requests wait for it only near the end. */
const RENEW_BEFORE_MS = 10 * 60_000;
const WAIT_BEFORE_MS = 60_000;
/** After a renewal, successful or not, the next one begins no sooner. */
const RENEWAL_PAUSE_MS = 5000;

/** What a request does about the credentials that are there. Pure. */
export type RenewalNeed = "none" | "beside" | "first";

export function renewalNeed(expiresAtMs: number | undefined, nowMs: number): RenewalNeed {
  if (expiresAtMs === undefined || nowMs < expiresAtMs - RENEW_BEFORE_MS) return "none";
  return nowMs < expiresAtMs - WAIT_BEFORE_MS ? "beside" : "first";
}

export class CredentialKeeper {
  private readonly source: CredentialSource;
  private readonly clock: Clock;
  private held: Credentials | undefined;
  /** Those that the store has refused: not given again while another renewal may bring others. */
  private outcast: Credentials | undefined;
  private renewing: Promise<Credentials> | undefined;
  /** Monotonic ms. */
  private nextRenewalAt = Number.NEGATIVE_INFINITY;
  private lastFailure: unknown;

  constructor(source: CredentialSource, clock: Clock) {
    this.source = source;
    this.clock = clock;
  }

  /** @throws {CredentialsError} when there are none that hold */
  async current(): Promise<Credentials> {
    const { held } = this;
    if (held === undefined) return this.first();
    const need = held === this.outcast ? "first" : renewalNeed(held.expiresAtMs, this.clock.now());
    if (need === "none" || !this.mayRenew) return held;
    const renewal = this.renew();
    if (need === "first") return renewal.catch(() => held);
    renewal.catch(() => undefined);
    return held;
  }

  /** The store refused these; others are looked for with the next request, but not at every one. */
  refused(credentials: Credentials): void {
    if (credentials === this.held) this.outcast = credentials;
  }

  private get mayRenew(): boolean {
    return this.renewing !== undefined || this.clock.monotonic() >= this.nextRenewalAt;
  }

  /** Nothing is held yet: a look that failed is not repeated at every request. */
  private first(): Promise<Credentials> {
    if (this.mayRenew) return this.renew();
    assert(this.lastFailure !== undefined, "there is a reason for having none");
    return Promise.reject(this.lastFailure);
  }

  private renew(): Promise<Credentials> {
    this.renewing ??= this.load().finally(() => {
      this.renewing = undefined;
      this.nextRenewalAt = this.clock.monotonic() + RENEWAL_PAUSE_MS;
    });
    return this.renewing;
  }

  private async load(): Promise<Credentials> {
    try {
      const found = await this.source.load();
      if (found === undefined)
        throw new CredentialsError(`there are no credentials: ${this.source.name}`);
      this.held = found;
      this.outcast = undefined;
      return found;
    } catch (error) {
      this.lastFailure = error;
      throw error;
    }
  }
}
