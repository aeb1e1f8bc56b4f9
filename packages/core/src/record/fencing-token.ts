// Fencing tokens: at most 36 bytes of UTF-8, empty means no fence.
// Spec: data-plane#limits, data-plane#command-records, data-plane#fence.

import { MAX_FENCING_TOKEN_BYTES } from "../caps.js";
import { isWellFormed, utf8ByteLength } from "../text/utf8.js";

/** The rule that a token breaks, or undefined when it breaks none. */
export function fencingTokenRule(token: string): string | undefined {
  if (!isWellFormed(token)) return "fencing token must be valid UTF-8";
  const length = utf8ByteLength(token);
  if (length <= MAX_FENCING_TOKEN_BYTES) return undefined;
  return `fencing token must not exceed ${MAX_FENCING_TOKEN_BYTES} bytes in length length=${length}`;
}
