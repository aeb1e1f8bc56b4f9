// Counts the reads of an engine that are under way: files are closed when none is left, because
// their descriptors may be used again.

import { type Deferred, deferred } from "@s2kit/core";

export class ReadsUnderWay {
  private count = 0;
  private last: Deferred<void> | undefined;

  async run<T>(read: () => Promise<T>): Promise<T> {
    this.count++;
    try {
      return await read();
    } finally {
      if (--this.count === 0) this.last?.resolve();
    }
  }

  /** Resolves when none is left; none may begin meanwhile. */
  async done(): Promise<void> {
    if (this.count === 0) return;
    this.last = deferred<void>();
    await this.last.promise;
  }
}
