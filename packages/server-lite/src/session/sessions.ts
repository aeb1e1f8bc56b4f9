// The open sessions of a server, so that a graceful stop can reach them: first advice to reconnect,
// then the end; and so that none outlives its access token. Knows nothing of what they carry.
// Spec: data-plane#draining.

import { type Clock, Roster, type S2Error } from "@s2kit/core";
import type { Access } from "../backend/access/access.js";
import type { Session, SessionLabels } from "./session.js";
import { TokenSessions, type TokenWatch } from "./token-sessions.js";

/** Where sessions are entered that begin. */
export interface SessionDesk {
  /** See {@link Sessions.isAdvising}. */
  readonly isAdvising: boolean;
  /** @returns takes the session out again */
  add(session: Session, access: Access, labels: SessionLabels): () => void;
}

export class Sessions {
  /** True once a stop began: new sessions advise from their first frame. */
  isAdvising = false;
  private readonly open = new Roster<Session>();
  private emptyListeners: (() => void)[] = [];

  private readonly counts = new Map<string, SessionLabels & { open: number }>();

  get size(): number {
    return this.open.size;
  }

  /**
   * Where sessions are entered that these tokens let in: they end with the one that opened them.
   *
   * @param tokens - default: nobody is asked for one
   */
  of(tokens: TokenWatch | undefined, clock: Clock): SessionDesk {
    const watch = tokens && new TokenSessions(tokens, clock);
    const isAdvising = (): boolean => this.isAdvising;
    return {
      get isAdvising() {
        return isAdvising();
      },
      add: (...entry) => this.enter(watch, ...entry),
    };
  }

  /**
   * @param tokens - end the session with what it was opened with
   * @param access - what the session was opened with; it may have ended since it was checked, which
   *   ends the session in this very turn
   * @param labels - what it is counted by
   * @returns a function that takes the session out again
   */
  private enter(
    tokens: TokenSessions | undefined,
    session: Session,
    access: Access,
    labels: SessionLabels,
  ): () => void {
    const leave = this.open.enter(session);
    const counted = this.countOf(labels);
    counted.open++;
    tokens?.add(session, access);
    return () => {
      const { size } = this.open;
      leave();
      counted.open -= size - this.open.size;
      tokens?.remove(session, access.tokenId);
      if (this.open.size === 0) for (const listener of this.emptyListeners.splice(0)) listener();
    };
  }

  /** How many of each kind are open, over what. */
  get byKind(): Iterable<SessionLabels & { readonly open: number }> {
    return this.counts.values();
  }

  private countOf(labels: SessionLabels): { open: number } {
    const key = `${labels.kind} ${labels.protocol}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const counted = { ...labels, open: 0 };
    this.counts.set(key, counted);
    return counted;
  }

  adviseAll(): void {
    this.isAdvising = true;
    for (const session of this.open.members()) session.advise();
  }

  terminateAll(error: S2Error): void {
    for (const session of this.open.members()) session.terminate(error);
  }

  /** Resolves when no session is open. */
  whenEmpty(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyListeners.push(resolve));
  }
}
