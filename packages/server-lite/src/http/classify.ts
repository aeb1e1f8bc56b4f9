// Finds out what a connection in plain text speaks, by its first three bytes. Called by the
// listener; over TLS, ALPN has said it.

import type { Socket } from "node:net";
import type { Clock } from "@s2kit/core";

/** First bytes of the HTTP/2 preface; no HTTP/1.1 method shares the third. */
const PREFACE = Buffer.from("PRI");

export interface ClassifyComponents {
  readonly clock: Clock;
  openHttp1(socket: Socket): void;
  openHttp2(socket: Socket): void;
}

/**
 * Waits for the first bytes of a connection, then gives it, with them unread, to whom it speaks to.
 *
 * @param withinMs - a connection that stays silent for longer is destroyed
 */
export function classify(socket: Socket, withinMs: number, components: ClassifyComponents): void {
  let seen: Buffer = Buffer.alloc(0);
  const { clock } = components;
  const timer = clock.setTimer(() => socket.destroy(), withinMs, { keepsAlive: false });
  const onEnd = (): void => {
    socket.destroy();
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const known = Math.min(seen.length, PREFACE.length);
    const maybeHttp2 = seen.subarray(0, known).equals(PREFACE.subarray(0, known));
    if (maybeHttp2 && known < PREFACE.length) return;
    timer.cancel();
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.pause();
    socket.unshift(seen);
    if (maybeHttp2) {
      // The front allows half-open sockets for HTTP/1.1; HTTP/2 has no use for them. It takes the
      // unshifted bytes by itself: resuming the socket would lose them.
      socket.once("end", () => socket.end());
      components.openHttp2(socket);
    } else {
      components.openHttp1(socket);
      socket.resume();
    }
  };
  socket.on("data", onData);
  socket.once("end", onEnd);
  socket.once("close", () => timer.cancel());
}
