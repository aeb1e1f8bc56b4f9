// Cuts the bytes of an S2S answer into its frames again, as they come: a carrier of messages must
// not be given half a frame. Pure. Spec: data-plane#frames.

import { FRAME_PREFIX_BYTES } from "@s2kit/core";

const NO_BYTES = new Uint8Array(0);

export class WholeFrames {
  /** The beginning of a frame: less than one. */
  private rest: Uint8Array = NO_BYTES;

  /** @returns the frames that are whole now */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames: Uint8Array[] = [];
    let at = 0;
    for (let end = endOf(all, at); end <= all.length; end = endOf(all, at)) {
      frames.push(all.subarray(at, end));
      at = end;
    }
    this.rest = all.subarray(at);
    return frames;
  }
}

function endOf(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < FRAME_PREFIX_BYTES) return Number.POSITIVE_INFINITY;
  const [high = 0, middle = 0, low = 0] = bytes.subarray(at, at + FRAME_PREFIX_BYTES);
  return at + FRAME_PREFIX_BYTES + ((high << 16) | (middle << 8) | low);
}
