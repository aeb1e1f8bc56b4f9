// The open sessions of a server, so that a graceful stop can reach them: first advice to reconnect,
// then the end. Knows nothing of what they carry. Spec: data plane section 5.6 (draining server).

import type { S2Error } from "@s2kit/core";

export interface Session {
  /** Tells the client with the next frames that it should reconnect. */
  advise(): void;
  /** Ends the session with a terminal error, after everything that was accepted is acknowledged. */
  terminate(error: S2Error): void;
}

export class Sessions {
  /** True once a stop began: new sessions advise from their first frame. */
  isAdvising = false;
  private readonly open = new Set<Session>();
  private emptyListeners: (() => void)[] = [];

  get size(): number {
    return this.open.size;
  }

  /** @returns a function that takes the session out again */
  add(session: Session): () => void {
    this.open.add(session);
    return () => {
      this.open.delete(session);
      if (this.open.size === 0) for (const listener of this.emptyListeners.splice(0)) listener();
    };
  }

  adviseAll(): void {
    this.isAdvising = true;
    for (const session of this.open) session.advise();
  }

  terminateAll(error: S2Error): void {
    for (const session of this.open) session.terminate(error);
  }

  /** Resolves when no session is open. */
  whenEmpty(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.emptyListeners.push(resolve));
  }
}
