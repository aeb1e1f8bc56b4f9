// One binary message of a server, as its bytes on the wire: a single frame, without a mask.
// RFC 6455, section 5.2.

import type { SharedOutput } from "../../exchange/shared-output.js";

/** The last frame of its message, and binary. */
const FINAL_BINARY = 0x82;
/** Up to here the length stands in the second byte; these values say that it follows. */
const MAX_TINY_BYTES = 125;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;
const MAX_SHORT_BYTES = 65_535;

export function messageOf({ parts }: SharedOutput): readonly Uint8Array[] {
  let length = 0;
  for (const part of parts) length += part.length;
  return [headOf(length), ...parts];
}

function headOf(length: number): Uint8Array {
  if (length <= MAX_TINY_BYTES) return Uint8Array.of(FINAL_BINARY, length);
  if (length <= MAX_SHORT_BYTES)
    return Uint8Array.of(FINAL_BINARY, LENGTH_IN_2_BYTES, length >>> 8, length & 0xff);
  const head = new Uint8Array(10);
  head[0] = FINAL_BINARY;
  head[1] = LENGTH_IN_8_BYTES;
  new DataView(head.buffer).setBigUint64(2, BigInt(length));
  return head;
}
