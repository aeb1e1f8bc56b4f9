// What vectors and properties of frames cannot say: order of calls, borrowed bytes, memory.

import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/assert.js";
import { encodeMessageFrame, encodeTerminalFrame, messageFlag } from "../../src/s2s/frame.js";
import { createFrameDecoder } from "../../src/s2s/frame-decoder.js";

const MIB = 1024 * 1024;

describe("the frame decoder", () => {
  it("insists that frames are taken before the next chunk comes", () => {
    const frame = encodeMessageFrame(Uint8Array.of(1, 2));
    const decoder = createFrameDecoder();
    decoder.push(Uint8Array.of(...frame, ...frame));
    decoder.next();

    expect(() => decoder.push(frame)).toThrow(InvariantError);
  });

  it("hands out a frame that lies within a chunk as a view of it", () => {
    const chunk = encodeMessageFrame(Uint8Array.of(1, 2));
    const decoder = createFrameDecoder();
    decoder.push(chunk);
    const frame = decoder.next();

    expect(frame?.kind === "message" && frame.body.buffer === chunk.buffer).toBe(true);
  });

  it("keeps nothing of what comes behind a terminal frame", () => {
    const decoder = createFrameDecoder();
    decoder.push(encodeTerminalFrame(503, "{}"));
    expect(decoder.next()?.kind).toBe("terminal");
    const noise = new Uint8Array(MIB);
    const before = process.memoryUsage().arrayBuffers;

    for (let i = 0; i < 64; i++) {
      decoder.push(noise);
      expect(decoder.next()).toBeUndefined();
    }

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
    expect(() => decoder.end()).not.toThrow();
  });

  it("fails at the end of a stream inside a frame, and says how much is left", () => {
    const decoder = createFrameDecoder();
    decoder.push(encodeMessageFrame(Uint8Array.of(1, 2)).subarray(0, 5));
    decoder.next();

    expect(() => decoder.end()).toThrow("[bad_frame] stream ends inside a frame leftBytes=5");
  });
});

describe("the flag of a message", () => {
  it("is nothing by default", () => {
    expect(messageFlag()).toBe(0);
    expect(messageFlag({ compression: "none", reconnectAdvised: false })).toBe(0);
    expect(messageFlag({ compression: "gzip", reconnectAdvised: true })).toBe(0x50);
  });
});
