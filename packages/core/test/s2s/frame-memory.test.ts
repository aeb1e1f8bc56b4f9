// What a decoder keeps in memory between chunks.

import { expect, test } from "vitest";
import { encodeMessageFrame, FRAME_HEAD_BYTES } from "../../src/s2s/frame.js";
import { createFrameDecoder } from "../../src/s2s/frame-decoder.js";

test("some bytes of a frame do not keep the chunk that they came in", () => {
  const decoder = createFrameDecoder();
  const frame = encodeMessageFrame(new Uint8Array(50_000));
  const chunk = new Uint8Array(frame.length + 10);
  chunk.set(frame);
  chunk.set(frame.subarray(0, 10), frame.length);
  decoder.push(chunk);
  expect(decoder.next()?.kind).toBe("message");
  expect(decoder.next()).toBeUndefined();
  expect(decoder.pendingBytes).toBe(10);
  // Ours are overwritten: it has its own.
  chunk.fill(0xff);
  decoder.push(frame.subarray(10));
  const second = decoder.next();
  expect(second?.kind === "message" && second.body.length).toBe(frame.length - FRAME_HEAD_BYTES);
});

test("the buffer of large frames is kept for the next one, and told, until it is given back", () => {
  const decoder = createFrameDecoder();
  const frame = encodeMessageFrame(new Uint8Array(300_000).fill(7));
  for (let at = 0; at < frame.length; at += 10_000) {
    decoder.push(frame.subarray(at, at + 10_000));
    const got = decoder.next();
    if (at + 10_000 < frame.length) expect(got).toBeUndefined();
    else expect(got?.kind === "message" && got.body.every((byte) => byte === 7)).toBe(true);
    // A part of a frame is never given back.
    decoder.release();
    if (at + 10_000 < frame.length) expect(decoder.heldBytes).toBeGreaterThanOrEqual(at + 10_000);
  }
  expect(decoder.next()).toBeUndefined();
  expect([decoder.pendingBytes, decoder.heldBytes]).toEqual([0, 0]);
});
