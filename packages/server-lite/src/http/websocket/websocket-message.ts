// Messages of a server, as bytes: one binary message as a single frame without a mask, and what a
// terminal frame within one tells. RFC 6455, section 5.2.

import { FLAG_TERMINAL } from "@s2kit/core";
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

/** The status that a frame tells, if it is a terminal one: it becomes the close code. */
export function terminalStatusOf(frame: Uint8Array | undefined): number | undefined {
  if (frame === undefined || frame.length < 6 || ((frame[3] as number) & FLAG_TERMINAL) === 0)
    return undefined;
  return ((frame[4] as number) << 8) | (frame[5] as number);
}
