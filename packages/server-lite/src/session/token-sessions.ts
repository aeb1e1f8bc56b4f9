// Ends sessions with the access tokens that opened them: at once when one is revoked, within a
// second of its time when one expires. Holds nothing but open sessions, so it is as bounded as
// they are; no cache stands between a token and its end. Spec: control-plane#what-is-checked.

import { type Clock, S2Error, type Timer } from "@s2kit/core";
import type { Access } from "../backend/access/access.js";
import type { Session } from "./session.js";

/** Tells when tokens end; see `AccessTokens`. */
export interface TokenWatch {
  hasEnded(access: Access): boolean;
  onEnded: ((tokenId: string) => void) | undefined;
}

/** The wall clock may jump, so a deadline is looked at this often, ms, and at its own time. */
const LOOK_MS = 1000;
/** Stands for the root token, whose tickets end although it does not: ids are never empty. */
const ROOT = "";
const NEVER_MS: number = Number.POSITIVE_INFINITY;

export class TokenSessions {
  private readonly tokens: TokenWatch;
  private readonly clock: Clock;
  /** By token, with the ms since the epoch at which each session ends. */
  private readonly open = new Map<string, Map<Session, number>>();
  /** How many open sessions have an end. */
  private ending = 0;
  private nextDeadlineMs = NEVER_MS;
  private timer: Timer | undefined = undefined;

  constructor(tokens: TokenWatch, clock: Clock) {
    this.tokens = tokens;
    this.clock = clock;
    tokens.onEnded = (tokenId) => this.endAll(tokenId);
  }

  /** Ends the session at once when its token ended since it was checked. */
  add(session: Session, access: Access): void {
    const { tokenId = ROOT, expiresNanos } = access;
    if (tokenId === ROOT && expiresNanos === undefined) return;
    if (this.tokens.hasEnded(access)) {
      session.terminate(tokenEnded());
      return;
    }
    const deadlineMs = expiresNanos === undefined ? NEVER_MS : ceilMs(expiresNanos);
    const sessions = this.open.get(tokenId) ?? new Map<Session, number>();
    this.open.set(tokenId, sessions.set(session, deadlineMs));
    if (deadlineMs === NEVER_MS) return;
    this.ending++;
    if (deadlineMs >= this.nextDeadlineMs) return;
    this.nextDeadlineMs = deadlineMs;
    this.arm();
  }

  remove(session: Session, tokenId: string = ROOT): void {
    const sessions = this.open.get(tokenId);
    const deadlineMs = sessions?.get(session);
    if (sessions === undefined || deadlineMs === undefined) return;
    sessions.delete(session);
    if (sessions.size === 0) this.open.delete(tokenId);
    if (deadlineMs === NEVER_MS || --this.ending > 0) return;
    this.nextDeadlineMs = NEVER_MS;
    this.arm();
  }

  private endAll(tokenId: string): void {
    for (const session of this.open.get(tokenId)?.keys() ?? []) this.end(session, tokenId);
  }

  private end(session: Session, tokenId: string): void {
    this.remove(session, tokenId);
    session.terminate(tokenEnded());
  }

  private arm(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (this.nextDeadlineMs === NEVER_MS) return;
    const delayMs = Math.min(this.nextDeadlineMs - this.clock.now(), LOOK_MS);
    this.timer = this.clock.setTimer(() => this.look(), delayMs, { keepsAlive: false });
  }

  private look(): void {
    if (this.clock.now() >= this.nextDeadlineMs) this.endDue();
    this.arm();
  }

  private endDue(): void {
    const now = this.clock.now();
    const due: [Session, string][] = [];
    this.nextDeadlineMs = NEVER_MS;
    for (const [tokenId, sessions] of this.open)
      for (const [session, deadlineMs] of sessions)
        if (deadlineMs <= now) due.push([session, tokenId]);
        else this.nextDeadlineMs = Math.min(this.nextDeadlineMs, deadlineMs);
    for (const [session, tokenId] of due) this.end(session, tokenId);
  }
}

/** A token is over from its nanosecond on. */
function ceilMs(nanos: bigint): number {
  return Number((nanos + 999_999n) / 1_000_000n);
}

function tokenEnded(): S2Error {
  return new S2Error({ code: "authn", message: "access token is revoked or expired" });
}
