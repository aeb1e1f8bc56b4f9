// What a server is to those who embed it: its states, and what may be asked of it. Types only; the
// life cycle behind them is in `server`.

/** What a server tells about itself. */
export type ServerStatus = "new" | "open" | "draining" | "closed" | "failed";

/** Where a server listens. */
export interface ServerAddress {
  /** Origin such as `http://127.0.0.1:43121`; clients add `/v1`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** A server: open it, listen, and close it. */
export interface S2Server extends AsyncDisposable {
  readonly status: ServerStatus;
  /** Resolves with the reason when storage fails: nothing works any more, so exit the process. */
  readonly failed: Promise<Error>;
  /** With `auth`: the root token, if it was made at this start. Shown nowhere else. */
  readonly rootToken: string | undefined;
  /**
   * Opens storage without a port; idempotent. {@link S2Server.listen} does it too.
   *
   * @throws {S2Error} `storage`: damaged, in use, or without room; it may be tried again.
   *   `SESSION_CLOSED` once a stop has begun
   */
  open(): Promise<void>;
  /**
   * Opens storage and the port; a second call answers the same. When it fails, everything that it
   * opened is closed again, and it may be tried again.
   *
   * @throws {S2Error} `SESSION_CLOSED` once a stop has begun; `storage`
   * @throws the error of the platform (`EADDRINUSE`, `EACCES`) when the port cannot be had
   */
  listen(): Promise<ServerAddress>;
  /**
   * Answers a request in this process, without a socket; sessions stream both ways. Opens storage
   * when that has not happened yet. Only the path of the URL matters. The caller hangs up as with
   * the global `fetch`: by the signal of the request, or by cancelling the body of the response.
   *
   * @throws the reason of the signal, when it aborts before the response
   */
  fetch(request: Request): Promise<Response>;
  /**
   * Stops gracefully: new requests are refused, those that run are finished, sessions are advised
   * to reconnect and, when they do not, ended after everything they had accepted is acknowledged.
   * Ends within `drainGraceMs`.
   */
  drain(): Promise<void>;
  /**
   * Drains, then frees port and storage; idempotent. Ends also on a disk that is full or hangs:
   * appends that wait for it fail, {@link S2Server.status} is `failed` then.
   */
  close(): Promise<void>;
}
