// What one operation on records is: a minute in which a connection appends to a stream, or has a
// read session of it, however many batches that are. Remembers of each connection what it did in
// the current minute, and nothing of a connection that is gone. Spec: control-plane#metrics.

import type { StreamId } from "../../storage/storage.js";

/** Whatever carries requests: compared by identity, never looked into. */
export type ConnectionKey = object;

export type MinuteKind = "append" | "read";

interface Seen {
  minute: number;
  /** Of this minute: as many as streams were used in it. */
  readonly used: Set<string>;
}

export class ConnectionMinutes {
  private readonly seen = new WeakMap<ConnectionKey, Seen>();

  /** How many operations begin with this use: 1 for the first in its minute, else 0. */
  begins(connection: ConnectionKey, kind: MinuteKind, streamId: StreamId, nowMs: number): 0 | 1 {
    const minute = Math.floor(nowMs / 60_000);
    let seen = this.seen.get(connection);
    if (seen === undefined) {
      seen = { minute, used: new Set() };
      this.seen.set(connection, seen);
    } else if (seen.minute !== minute) {
      seen.minute = minute;
      seen.used.clear();
    }
    const name = `${kind}/${streamId}`;
    if (seen.used.has(name)) return 0;
    seen.used.add(name);
    return 1;
  }
}
