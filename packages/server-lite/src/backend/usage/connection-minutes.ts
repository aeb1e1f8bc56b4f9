// What one operation on records is: a minute in which a connection appends to a stream, or has a
// read session of it, however many batches that are. Remembers what connections did in the current
// minute, and nothing of one that is gone. Spec: control-plane#metrics.

import type { StreamId } from "../../storage/storage.js";

/** Whatever carries requests: compared by identity, never looked into. */
export type ConnectionKey = object;

export type MinuteKind = "append" | "read";

/** The use of one stream by whatever was opened once on a connection: a session, a request. */
export interface MinuteUse {
  /** How many operations begin with this use: 1 for the first in its minute, else 0. */
  begins(nowMs: number): 0 | 1;
}

/**
 * How many uses of all connections together are remembered in a minute, 8 bytes and the slot of a
 * set each. Whatever does not fit counts with each request, as on a connection of its own.
 */
export const MAX_REMEMBERED_USES = 250_000;

export class ConnectionMinutes {
  private minute = Number.NaN;
  private seen: Record<MinuteKind, WeakMap<ConnectionKey, Set<StreamId>>> = nothingSeen();
  private rememberedCount = 0;

  /** Uses that are remembered, of connections that are gone too: those since the minute began. */
  get remembered(): number {
    return this.rememberedCount;
  }

  /** Remembers the minute it was asked for last: most appends of a session look nothing up. */
  use(connection: ConnectionKey, kind: MinuteKind, streamId: StreamId): MinuteUse {
    let last = Number.NaN;
    return {
      begins: (nowMs) => {
        const minute = Math.floor(nowMs / 60_000);
        if (minute === last) return 0;
        last = minute;
        if (minute !== this.minute) this.enter(minute);
        return this.isFirst(this.seen[kind], connection, streamId) ? 1 : 0;
      },
    };
  }

  /** Idle connections would keep what they did for as long as they are open. */
  private enter(minute: number): void {
    this.minute = minute;
    this.seen = nothingSeen();
    this.rememberedCount = 0;
  }

  private isFirst(
    seen: WeakMap<ConnectionKey, Set<StreamId>>,
    connection: ConnectionKey,
    streamId: StreamId,
  ): boolean {
    const used = seen.get(connection);
    if (used?.has(streamId)) return false;
    if (this.rememberedCount === MAX_REMEMBERED_USES) return true;
    this.rememberedCount++;
    if (used === undefined) seen.set(connection, new Set([streamId]));
    else used.add(streamId);
    return true;
  }
}

function nothingSeen(): Record<MinuteKind, WeakMap<ConnectionKey, Set<StreamId>>> {
  return { append: new WeakMap(), read: new WeakMap() };
}
