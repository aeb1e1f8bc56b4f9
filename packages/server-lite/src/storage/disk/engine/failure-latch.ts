// The first failure of an engine, kept for whoever asks and told to whoever watches. Made before
// everything that can fail, so that parts which fail while others are still being made need to know
// none of them.

import { S2Error } from "@s2kit/core";

export class FailureLatch {
  private reason: S2Error | undefined = undefined;
  private readonly watchers: ((reason: S2Error) => void)[] = [];

  /**
   * Notes a failure for good, and tells the watchers. The first cause counts: what comes behind it
   * mostly follows from it.
   */
  readonly trip = (cause: unknown): void => {
    if (this.reason !== undefined) return;
    this.reason = S2Error.from(cause, "storage");
    for (const watcher of this.watchers.splice(0)) watcher(this.reason);
  };

  /** Calls once with the failure: now, if there has been one. */
  watch(watcher: (reason: S2Error) => void): void {
    if (this.reason === undefined) this.watchers.push(watcher);
    else watcher(this.reason);
  }

  /** @throws {S2Error} the failure, if there has been one */
  throwIfTripped(): void {
    if (this.reason !== undefined) throw this.reason;
  }
}
