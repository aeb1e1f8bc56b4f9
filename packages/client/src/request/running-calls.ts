// The calls that are under way, so that the end of their client ends each of them. A call may hold
// others: its tries. Knows nothing of what they do.

import { Roster } from "@s2kit/core";
import { abortedError, closedError } from "../errors.js";

export class RunningCalls {
  /** One for each call and each try that is under way. */
  readonly #running = new Roster<AbortController>();
  #isClosed = false;

  /** Ends all that is under way, and what comes later: `SESSION_CLOSED`. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#running.members()) controller.abort(closedError("client"));
  }

  /** Works under a signal that fires with the caller's, and when the client is closed. */
  async run<T>(
    signal: AbortSignal | undefined,
    work: (controller: AbortController) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(abortedError(signal));
    if (this.#isClosed) controller.abort(closedError("client"));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    const leave = this.#running.enter(controller);
    try {
      return await work(controller);
    } finally {
      leave();
      signal?.removeEventListener("abort", onAbort);
    }
  }
}
