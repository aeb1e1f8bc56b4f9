// Metered size: what limits, budgets and usage count. It is the size of the decoded plaintext, so
// base64, JSON, compression and encryption do not change it. Timestamp and seqNum are in the
// constant. Spec: data-plane#metered-size.

import type { Header } from "./record.js";

/** Metered bytes of a record before its headers and body. */
export const RECORD_METERED_OVERHEAD = 8;

/** Metered bytes of a header before its name and value. */
export const HEADER_METERED_OVERHEAD = 2;

/** 8 + 2 per header + all name and value bytes + body bytes. */
export function meteredBytes(record: {
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}): number {
  let total = RECORD_METERED_OVERHEAD + record.body.length;
  for (const [name, value] of record.headers)
    total += HEADER_METERED_OVERHEAD + name.length + value.length;
  return total;
}

/** Sum over a batch. */
export function batchMeteredBytes(
  records: Iterable<{ readonly headers: readonly Header[]; readonly body: Uint8Array }>,
): number {
  let total = 0;
  for (const record of records) total += meteredBytes(record);
  return total;
}
