// What a group of the log must show before anything in it is believed: that it is the next one, and
// that its rows and payloads are what was written. Recovery, rewrite and `verify` use the strict
// proof. Tests pass weaker ones in, to show that crash histories notice the difference. Pure.

import { crc32 } from "node:zlib";
import { checksumOf } from "./checksum.js";
import type { GroupHeader } from "./group.js";
import type { LogCursor } from "./log-cursor.js";

export interface GroupProof {
  /** Why a group is not the next one of the log; undefined when it is. */
  misfitOf(header: GroupHeader, cursor: LogCursor): string | undefined;
  /** The rows are those that the header was written for. */
  areRowsWhole(rows: Uint8Array, header: GroupHeader): boolean;
  /** The payload in `[start, end)` of a group is the one that its row was written for. */
  isPayloadWhole(group: Uint8Array, start: number, end: number, checksum: number): boolean;
}

export const STRICT_PROOF: GroupProof = {
  misfitOf(header, cursor) {
    if (header.generation !== cursor.generation) return `generation=${header.generation}`;
    if (header.sequence !== cursor.sequence)
      return `sequence=${header.sequence} expected=${cursor.sequence}`;
    if (header.position !== cursor.position)
      return `position=${header.position} expected=${cursor.position}`;
    if (header.ownerEpoch < cursor.ownerEpoch)
      return `ownerEpoch=${header.ownerEpoch} expected=${cursor.ownerEpoch}`;
    return undefined;
  },
  areRowsWhole: (rows, header) => crc32(rows) === header.rowsChecksum,
  isPayloadWhole: (group, start, end, checksum) => checksumOf(group, start, end) === checksum,
};
