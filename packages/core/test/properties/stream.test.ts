// What travels in pieces comes out the same at any chunking: frames, and server-sent events.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessageFrame, encodeTerminalFrame, type Frame } from "../../src/s2s/frame.js";
import { createFrameDecoder } from "../../src/s2s/frame-decoder.js";
import { formatLastEventId, parseLastEventId, resumeAfter } from "../../src/sse/last-event-id.js";
import { createSseParser, type SseEvent } from "../../src/sse/parser.js";
import { anyReadQuery } from "../../src/testing/arbitraries/record.js";
import {
  anyChunking,
  anyLastEventId,
  anyMessageFrame,
  anyTerminalFrame,
} from "../../src/testing/arbitraries/session.js";
import { encodeUtf8 } from "../../src/text/utf8.js";

function encode(frame: Frame): Uint8Array {
  return frame.kind === "terminal"
    ? encodeTerminalFrame(frame.status, frame.json)
    : encodeMessageFrame(frame.body, frame);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function decodeFrames(chunks: readonly Uint8Array[]): Frame[] {
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      frames.push(frame.kind === "message" ? { ...frame, body: frame.body.slice() } : frame);
  }
  decoder.end();
  return frames;
}

function parseEvents(chunks: readonly Uint8Array[]): SseEvent[] {
  const parser = createSseParser();
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
  }
  return events;
}

/** The grammar written down a second time: all at once, on text. */
function parseWhole(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  let type = "";
  let data: string[] = [];
  let lastEventId = "";
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  lines.pop();
  for (const line of lines) {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) ?? [];
    if (line === "") {
      if (data.length > 0)
        events.push({ type: type === "" ? "message" : type, data: data.join("\n"), lastEventId });
      type = "";
      data = [];
    } else if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) lastEventId = value;
  }
  return events;
}

describe("frames", () => {
  it("come out as they went in, at any chunking", () => {
    const cases = fc
      .tuple(
        fc.array(anyMessageFrame(), { maxLength: 6 }),
        fc.option(anyTerminalFrame(), { nil: undefined }),
      )
      .map(([messages, end]): Frame[] => (end === undefined ? messages : [...messages, end]))
      .chain((frames) =>
        anyChunking(joined(frames.map(encode))).map((chunks) => ({ frames, chunks })),
      );
    fc.assert(
      fc.property(cases, ({ frames, chunks }) => {
        expect(decodeFrames(chunks)).toEqual(frames);
      }),
    );
  });

  it("of the largest size come out of small chunks", () => {
    const body = Uint8Array.from({ length: 2_097_151 }, (_, i) => i * 7);
    const bytes = encodeMessageFrame(body);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
      bytes.subarray(i * 65_536, (i + 1) * 65_536),
    );

    const [frame] = decodeFrames(chunks);

    expect(frame?.kind === "message" && Buffer.compare(frame.body, body)).toBe(0);
    expect(() => encodeMessageFrame(new Uint8Array(2_097_152))).toThrow(/^\[FRAME_SIZE\]/);
  });
});

describe("server-sent events", () => {
  const pieces = fc.constantFrom(
    "data",
    "data:",
    "data: x",
    "data:  y",
    "event: ping",
    "event",
    "id: 1,2,3",
    "id: a\0b",
    "id",
    ": comment",
    ":",
    "retry: 1",
    "novelty: z",
    "\ufeff",
    "é🎉",
    "\n",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
  );

  it("parse the same at any chunking, and as the grammar says", () => {
    const cases = fc
      .array(pieces, { maxLength: 40 })
      .map((parts) => parts.join(""))
      .chain((text) => anyChunking(encodeUtf8(text)).map((chunks) => ({ text, chunks })));
    fc.assert(
      fc.property(cases, ({ text, chunks }) => {
        const events = parseEvents(chunks);
        expect(events).toEqual(parseEvents([encodeUtf8(text)]));
        expect(events).toEqual(parseWhole(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("last event ids", () => {
  it("come back as they were written", () => {
    fc.assert(
      fc.property(anyLastEventId(), (id) => {
        expect(parseLastEventId(formatLastEventId(id))).toEqual(id);
      }),
    );
  });

  it("resume behind the last record with what is left of the bounds", () => {
    fc.assert(
      fc.property(anyLastEventId(), anyReadQuery(), (id, query) => {
        const resumed = resumeAfter(id, query);
        expect(resumed).toMatchObject({ from: { seqNum: id.seqNum + 1 }, until: query.until });
        for (const bound of ["count", "bytes"] as const)
          expect(resumed[bound]).toBe(
            query[bound] === undefined ? undefined : Math.max(0, query[bound] - id[bound]),
          );
      }),
    );
  });
});
