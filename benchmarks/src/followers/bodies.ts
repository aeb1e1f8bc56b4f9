// What the records of S2S frames carry.

import { createFrameDecoder, decodeReadBatch } from "@s2kit/core";
import type { OnBody } from "./follower.ts";

const TEXT = new TextDecoder();

/** Takes the chunks of one session in order. */
export function bodiesOfFrames(onBody: OnBody): (chunk: Uint8Array) => void {
  const decoder = createFrameDecoder();
  return (chunk) => {
    decoder.push(chunk);
    for (;;) {
      const frame = decoder.next();
      if (frame === undefined) return;
      if (frame.kind === "terminal") throw new Error(`a follower failed: ${frame.json}`);
      if (frame.body.length === 0) continue;
      for (const { body } of decodeReadBatch(frame.body).records) onBody(Number(TEXT.decode(body)));
    }
  };
}
