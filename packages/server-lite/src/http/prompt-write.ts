// Writes to a socket in which nothing waits. The platform tries such a write at once: most often
// all of it goes to the system in the call, and nobody has to be told later. Knows neither HTTP nor
// sessions.

import type { Duplex } from "node:stream";

const NO_BYTES = new Uint8Array(0);

/** True when a write would go to the system in the call, as far as the system takes it. */
export function isPrompt(socket: Duplex): boolean {
  // Encrypted bytes leave later, in any case.
  return socket.writableLength === 0 && socket.writable && !("encrypted" in socket);
}

/** @returns false when something stays in the socket; then see {@link afterWrites} */
export function writePromptly(parts: readonly Uint8Array[], socket: Duplex): boolean {
  if (parts.length === 1) socket.write(parts[0]);
  else {
    socket.cork();
    for (const part of parts) socket.write(part);
    socket.uncork();
  }
  return socket.writableLength === 0;
}

/** Calls back when everything that was written before has left, or with why it never will. */
export function afterWrites(socket: Duplex, onLeft: (error?: Error | null) => void): void {
  socket.write(NO_BYTES, onLeft);
}
