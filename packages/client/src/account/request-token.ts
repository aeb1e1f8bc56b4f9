// The idempotency token of a create: one per call, the same in all of its retries.
// Spec: sdk#request-headers.

import type { Random } from "@s2kit/core";

const TOKEN_BYTES = 16;

/** 32 hexadecimal characters; the API allows 36. */
export function requestToken(random: Random): string {
  return Array.from(random.bytes(TOKEN_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
