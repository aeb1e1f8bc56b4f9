// Ends a socket that carries no exchange, or none any more: a refused upgrade, a request that is no
// HTTP. It sends the last bytes, and destroys the socket when the time to read them is over.
// Whoever is there has not said who it is, so it cannot be left to it when this ends.

import type { Duplex } from "node:stream";
import type { Clock } from "@s2kit/core";

/** A peer has so long to read the answer and to close its side, ms. */
export const LAST_WORDS_MS = 5000;

/** Sends the last bytes, drops what still comes, and destroys the socket when its time is over. */
export function endSocket(socket: Duplex, clock: Clock, last?: string): void {
  if (socket.destroyed) return;
  const timer = clock.setTimer(() => socket.destroy(), LAST_WORDS_MS, { keepsAlive: false });
  socket.once("close", () => timer.cancel());
  socket.on("error", () => socket.destroy());
  // The end of the peer is behind what it sent: unread, it would never be seen.
  socket.resume();
  if (last === undefined) socket.end();
  else socket.end(last);
}
