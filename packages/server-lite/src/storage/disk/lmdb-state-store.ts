// The state store in LMDB. Commits are synced before they resolve (no overlapping sync): a checkpoint
// must not say it is durable while its pages are on their way. Keys and values are plain bytes.

import { open } from "lmdb";
import type { StateStore } from "./state-store.js";

export interface LmdbOptions {
  /** Looks without changing anything; the directory must exist. */
  readonly readOnly?: boolean;
}

/** @param directory - made when it does not exist */
export function openLmdbStateStore(directory: string, options: LmdbOptions = {}): StateStore {
  const root = open<Buffer, Buffer>({
    path: directory,
    noSubdir: false,
    readOnly: options.readOnly === true,
    encoding: "binary",
    keyEncoding: "binary",
    overlappingSync: false,
    // Commits are transactions of ours, not of an event-loop turn.
    eventTurnBatching: false,
    cache: false,
  });
  return {
    get: (key) => root.get(asBuffer(key)),
    scan({ start, end, limit }) {
      if (limit <= 0) return [];
      const range = root.getRange({
        start: asBuffer(start),
        ...(end === undefined ? {} : { end: asBuffer(end) }),
        limit,
      });
      return Array.from(range, ({ key, value }) => ({ key, value }));
    },
    async write(changes) {
      await root.transaction(() => {
        for (const { key, value } of changes)
          if (value === undefined) void root.remove(asBuffer(key));
          else void root.put(asBuffer(key), asBuffer(value));
      });
    },
    close: () => root.close(),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
