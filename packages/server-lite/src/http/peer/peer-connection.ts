// One connection to another node. Somebody is there as long as it answers pings: a machine that has
// vanished resets nothing, and requests would wait for it for ever.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  type OutgoingHttpHeaders,
} from "node:http2";
import { assert, type Clock, type Timer } from "@s2kit/core";

/** Between two pings while requests are under way, ms. */
const PING_MS = 1000;
/** A node that says nothing for so long is gone; also one that takes no connection, ms. */
const SILENT_MS = 3000;
/** A connection that carries nothing is closed after this, ms. */
const IDLE_MS = 30_000;
assert(PING_MS < SILENT_MS, "a ping is answered before the next one matters");
const WINDOW_BYTES = 1024 * 1024;

export class PeerConnection {
  /** Requests that are under way. */
  streams = 0;
  private readonly session: ClientHttp2Session;
  private readonly clock: Clock;
  private timer: Timer | undefined = undefined;
  private heardMs: number;
  private usedMs: number;
  /** The other side takes no more requests. */
  private isLeaving = false;

  /**
   * @param onClosed - nothing may be asked of it any more; called once, when nothing is under way
   */
  constructor(url: string, clock: Clock, onClosed: () => void) {
    this.clock = clock;
    this.heardMs = clock.monotonic();
    this.usedMs = this.heardMs;
    this.session = connect(url, {
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
    });
    const { session } = this;
    session.on("connect", () => this.hear());
    // Its streams hear of it.
    session.on("error", () => session.destroy());
    session.on("goaway", () => {
      this.isLeaving = true;
    });
    session.once("close", () => {
      this.timer?.cancel();
      onClosed();
    });
    this.watch();
  }

  /** Another request may be made. */
  get isUsable(): boolean {
    return !this.isLeaving && !this.session.closed && !this.session.destroyed;
  }

  request(headers: OutgoingHttpHeaders, options: ClientSessionRequestOptions): ClientHttp2Stream {
    const stream = this.session.request(headers, options);
    if (this.streams === 0) this.hear();
    this.streams++;
    stream.once("close", () => {
      this.streams--;
      this.usedMs = this.clock.monotonic();
    });
    return stream;
  }

  destroy(): void {
    this.session.destroy();
  }

  private hear(): void {
    this.heardMs = this.clock.monotonic();
  }

  private watch(): void {
    this.timer = this.clock.setTimer(
      () => {
        this.look();
        if (!this.session.destroyed) this.watch();
      },
      PING_MS,
      { keepsAlive: false },
    );
  }

  private look(): void {
    const { session, streams } = this;
    const nowMs = this.clock.monotonic();
    if (streams === 0) {
      if (nowMs - this.usedMs >= IDLE_MS) session.close();
      return;
    }
    if (nowMs - this.heardMs >= SILENT_MS) session.destroy();
    else if (!session.connecting && !session.destroyed)
      session.ping((error) => {
        if (error === null) this.hear();
      });
  }
}
