// One connection to another node. Somebody is there as long as it answers pings: a machine that has
// vanished resets nothing, and requests would wait for it for ever.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Clock, Timer } from "@s2kit/core";
import { MAX_NODE_HEADER_BYTES } from "../request-head.js";

/** Between two pings while requests are under way, ms. */
const PING_MS = 1000;
/**
 * A node that leaves so many unanswered is gone; also one that takes no connection. Not a time:
 * when this process stands still, it asks nobody either.
 */
const MAX_UNANSWERED = 3;
/** A connection that carries nothing is closed after this, ms. */
const IDLE_MS = 30_000;
/** Of an answer that its client does not take, what waits here. */
const WINDOW_BYTES = 256 * 1024;
/** What is on its way on a connection; the library gives it back as it comes, whoever reads it. */
const CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024;
/**
 * Requests of one connection. Of each body up to 2 MiB may be queued here: all of them together
 * must stay below {@link MAX_SESSION_MEMORY_MB}, at which the library refuses streams.
 */
export const MAX_STREAMS = 60;
/** Node counts queued output against it, in MB. */
const MAX_SESSION_MEMORY_MB = 128;

export class PeerConnection {
  /** Requests that are under way. */
  streams = 0;
  private readonly session: ClientHttp2Session;
  private readonly clock: Clock;
  private timer: Timer | undefined = undefined;
  private unanswered = 0;
  private usedMs: number;
  /** The other side takes no more requests. */
  private isLeaving = false;

  /**
   * @param onClosed - nothing may be asked of it any more; called once, when nothing is under way
   */
  constructor(url: string, clock: Clock, onClosed: () => void) {
    this.clock = clock;
    this.usedMs = clock.monotonic();
    this.session = connect(url, {
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      maxSendHeaderBlockLength: MAX_NODE_HEADER_BYTES,
    });
    const { session } = this;
    session.on("connect", () => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      this.hear();
    });
    // Its streams hear of it.
    session.on("error", () => this.destroy());
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

  /** With a code: without one each request would end as if its answer were whole. */
  destroy(): void {
    this.session.destroy(undefined, constants.NGHTTP2_CANCEL);
  }

  private hear(): void {
    this.unanswered = 0;
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
    if (streams === 0) {
      if (this.clock.monotonic() - this.usedMs >= IDLE_MS) session.close();
      return;
    }
    if (this.unanswered >= MAX_UNANSWERED) return this.destroy();
    this.unanswered++;
    if (!session.connecting && !session.destroyed)
      session.ping((error) => {
        if (error === null) this.hear();
      });
  }
}
