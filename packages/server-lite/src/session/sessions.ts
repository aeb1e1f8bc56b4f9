// The open sessions of a server, so that a graceful stop can reach them: first advice to reconnect,
// then the end; and so that none outlives its access token. Knows nothing of what they carry. Spec: data plane section 5.6 (draining server).

import { S2Error } from "@s2kit/core";
import type { Access } from "../backend/access.js";

export interface Session {
  /** Tells the client with the next frames that it should reconnect. */
  advise(): void;
  /** Ends the session with a terminal error, after everything that was accepted is acknowledged. */
  terminate(error: S2Error): void;
}

/** Tells when tokens end; see `AccessTokens`. */
export interface TokenWatch {
  hasEnded(access: Access): boolean;
  onEnded: ((tokenId: string) => void) | undefined;
}

export class Sessions {
  /** True once a stop began: new sessions advise from their first frame. */
  isAdvising = false;
  private readonly open = new Map<Session, Access>();
  private tokens: TokenWatch | undefined = undefined;
  private emptyListeners: (() => void)[] = [];

  get size(): number {
    return this.open.size;
  }

  /** From now on sessions end with the token that opened them. */
  watch(tokens: TokenWatch): void {
    this.tokens = tokens;
    tokens.onEnded = (tokenId) => {
      for (const [session, access] of this.open)
        if (access.tokenId === tokenId) session.terminate(tokenEnded());
    };
  }

  /**
   * @param access - what the session was opened with
   * @returns a function that takes the session out again
   */
  add(session: Session, access: Access): () => void {
    this.open.set(session, access);
    // It may have ended since it was checked.
    if (this.tokens?.hasEnded(access) === true) session.terminate(tokenEnded());
    return () => {
      this.open.delete(session);
      if (this.open.size === 0) for (const listener of this.emptyListeners.splice(0)) listener();
    };
  }

  adviseAll(): void {
    this.isAdvising = true;
    for (const session of this.open.keys()) session.advise();
  }

  terminateAll(error: S2Error): void {
    for (const session of this.open.keys()) session.terminate(error);
  }

  /** Resolves when no session is open. */
  whenEmpty(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyListeners.push(resolve));
  }
}

function tokenEnded(): S2Error {
  return new S2Error({ code: "authn", message: "access token is revoked or expired" });
}
