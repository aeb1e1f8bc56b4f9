// The event stream grammar, at any chunking. Spec: WHATWG HTML, server-sent events.

import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/assert.js";
import { createSseParser, type SseEvent } from "../../src/sse/parser.js";
import { encodeUtf8 } from "../../src/text/utf8.js";

function parse(chunks: readonly Uint8Array[], maxEventBytes?: number): SseEvent[] {
  const parser = createSseParser(maxEventBytes);
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
  }
  return events;
}

function parseText(text: string): SseEvent[] {
  return parse([encodeUtf8(text)]);
}

function dataOf(text: string): string[] {
  return parseText(text).map(({ data }) => data);
}

describe("the SSE parser", () => {
  it("takes LF, CRLF and CR as line ends, mixed", () => {
    expect(dataOf("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n")).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("gives one event for a CRLF that is split over two chunks", () => {
    const chunks = ["event: ping\r", "\ndata: 1\r", "\n\r", "\ndata: 2\n\n"].map(encodeUtf8);

    expect(parse(chunks)).toEqual([
      { type: "ping", data: "1", lastEventId: "" },
      { type: "message", data: "2", lastEventId: "" },
    ]);
  });

  it("drops one BOM at the start, and keeps one anywhere else", () => {
    expect(dataOf("\ufeffdata: \ufeffa\n\n")).toEqual(["\ufeffa"]);
    expect(dataOf("\ufeff\ufeffdata: a\n\n")).toEqual([]);
    expect(dataOf("\n\ufeffdata: a\n\n")).toEqual([]);
  });

  it("drops comments, unknown fields and events without data", () => {
    expect(dataOf(": hi\nevent: x\n\nretry: 5\ndatas: no\ndata: yes\n\n")).toEqual(["yes"]);
    expect(parseText("event: x\n\ndata: y\n\n")[0]?.type).toBe("message");
  });

  it("joins data lines, and drops one space after the colon", () => {
    expect(dataOf("data:a\ndata:  b\ndata\ndata: \n\n")).toEqual(["a\n b\n\n"]);
  });

  it("keeps the last id until another comes, and ignores an id with NUL", () => {
    const ids = parseText(
      "id: 1\ndata: a\n\ndata: b\n\nid: 2\u0000\ndata: c\n\nid\ndata: d\n\n",
    ).map(({ lastEventId }) => lastEventId);

    expect(ids).toEqual(["1", "1", "1", ""]);
  });

  it("replaces what is not UTF-8, even when it is cut by a line end", () => {
    const bytes = Uint8Array.of(...encodeUtf8("data: "), 0xe2, 0x82, 0x0a, 0x0a);

    expect(parse([bytes])[0]?.data).toBe("\ufffd");
  });

  it("knows whether it stands inside an event", () => {
    const parser = createSseParser();
    const feed = (text: string): boolean => {
      parser.push(encodeUtf8(text));
      while (parser.next() !== undefined);
      return parser.hasPartialEvent;
    };

    expect(feed("data: a\n\n")).toBe(false);
    expect(feed("da")).toBe(true);
    expect(feed("ta: a\n")).toBe(true);
    expect(feed("\n")).toBe(false);
    expect(feed(": comment\n")).toBe(false);
  });

  it("insists that events are taken before the next chunk comes", () => {
    const parser = createSseParser();
    parser.push(encodeUtf8("data: a\n\ndata: b\n\n"));
    parser.next();

    expect(() => parser.push(encodeUtf8("data: c\n\n"))).toThrow(InvariantError);
  });

  it("refuses an event beyond the bound, as one line or as many", () => {
    const line = encodeUtf8("data: 12345678\n");
    expect(parse([line, line, encodeUtf8("\n")], 28)).toHaveLength(1);
    expect(() => parse([line, line, line], 28)).toThrow(/PROTOCOL_ERROR/);
    expect(() => parse([new Uint8Array(20), new Uint8Array(20)], 28)).toThrow(/PROTOCOL_ERROR/);
    const comment = encodeUtf8(": 345678\n");
    expect(() => parse(Array<Uint8Array>(4).fill(comment), 28)).toThrow(/PROTOCOL_ERROR/);
  });
});
