// How reading in a page fails for good. Classes of their own, since what a page does differs.

/** The model failed, or its producer died: the turn has no more. */
export class MessageFailedError extends Error {
  override readonly name = "MessageFailedError";
}

/**
 * The server's answer is final: 401, 404, 410 for what has been removed, or a 200 that is no stream
 * of events.
 */
export class SubscribeError extends Error {
  override readonly name = "SubscribeError";
  readonly status: number;

  constructor(status: number) {
    super(`the events were refused status=${status}`);
    this.status = status;
  }
}
