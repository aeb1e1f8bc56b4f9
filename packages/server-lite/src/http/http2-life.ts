// How long an HTTP/2 session may live without work: from its first byte, between its requests, and
// after it was asked to leave. The listener opens sessions; what they carry are exchanges.

import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Clock, Timer } from "@s2kit/core";
import { assert } from "@s2kit/core";

/** A connection that carries no request is closed after this, ms; both versions. */
export const IDLE_TIMEOUT_MS = 75_000;
/** From a polite end of an idle session to its hard one, ms. */
const LAST_WORDS_MS = 1000;
/** A session is asked this often whether its peer is there, ms. */
const PING_MS = 60_000;
/** A peer that answers none of so many in a row is not there. */
const MAX_UNANSWERED_PINGS = 3;
assert(LAST_WORDS_MS < IDLE_TIMEOUT_MS, "last words are shorter than silence");

/** An HTTP/2 session with what it runs on. */
export interface Http2Pump {
  readonly session: ServerHttp2Session;
  readonly socket: Socket;
  readonly clock: Clock;
}

/** With its socket: a session waits for its last write, and over TLS that may never be done. */
export function destroySession({ session, socket }: Http2Pump): void {
  session.destroy();
  socket.destroy();
}

/** A session that never asks, stops within its first headers, or is forgotten, does not stay. */
export function closeWhenIdle(pump: Http2Pump): void {
  const { session, clock } = pump;
  let streams = 0;
  let timer: Timer | undefined;
  const arm = (): void => {
    timer = clock.setTimer(leave, IDLE_TIMEOUT_MS, { keepsAlive: false });
  };
  // Unfinished headers count as a stream: a polite end would wait for them.
  const leave = (): void => {
    session.close();
    timer = clock.setTimer(() => destroySession(pump), LAST_WORDS_MS, { keepsAlive: false });
  };
  arm();
  session.on("stream", (stream) => {
    streams++;
    timer?.cancel();
    stream.once("close", () => {
      if (--streams === 0 && !session.destroyed) arm();
    });
  });
  session.once("close", () => timer?.cancel());
}

/**
 * A session whose peer never sends its preface does not stay. Silent ones, and those that were
 * reset within the TLS handshake: Node then loses the news.
 */
export function destroyWhenSilent(pump: Http2Pump, withinMs: number): void {
  const { session, clock } = pump;
  const timer = clock.setTimer(() => destroySession(pump), withinMs, { keepsAlive: false });
  session.once("remoteSettings", () => timer.cancel());
  session.once("close", () => timer.cancel());
}

/**
 * A session whose peer does not answer is over, and be there streams on it: keep-alive cannot tell
 * when the platform knows of the end and the news was lost. Over TLS a write that was under way
 * when its peer reset never completes, and the session reads on only after it.
 */
export function destroyWhenUnresponsive(pump: Http2Pump): void {
  const { session, clock } = pump;
  let unanswered = 0;
  let timer: Timer | undefined;
  const arm = (): void => {
    timer = clock.setTimer(ask, PING_MS, { keepsAlive: false });
  };
  const ask = (): void => {
    if (unanswered >= MAX_UNANSWERED_PINGS) {
      destroySession(pump);
      return;
    }
    unanswered++;
    session.ping((error) => {
      if (error === null) unanswered = 0;
    });
    arm();
  };
  arm();
  session.once("close", () => timer?.cancel());
}
