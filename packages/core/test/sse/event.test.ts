// Events of an SSE read, from text to meaning and back. Spec: data-plane#sse.

import { describe, expect, it } from "vitest";
import { FencingTokenMismatchError, S2Error, SeqNumMismatchError } from "../../src/error.js";
import {
  decodeReadEvent,
  encodeBatchEvent,
  encodeErrorEvent,
  encodePingEvent,
  type ReadEvent,
  SSE_DONE_EVENT,
} from "../../src/sse/event.js";
import { createSseParser, type SseEvent } from "../../src/sse/parser.js";
import { encodeUtf8 } from "../../src/text/utf8.js";

const TAIL = { seqNum: 1, timestamp: 1_713_812_735_000 };

function eventsOf(text: string): SseEvent[] {
  const parser = createSseParser();
  parser.push(encodeUtf8(text));
  const events: SseEvent[] = [];
  for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
  return events;
}

function meaningOf(text: string): (ReadEvent | undefined)[] {
  return eventsOf(text).map((event) => decodeReadEvent(event, "raw"));
}

describe("a batch event", () => {
  it("carries the batch, and the totals as its id", () => {
    const json = `{"records":[{"seq_num":0,"timestamp":${TAIL.timestamp},"headers":[["k","v"]],"body":"hello"}]}`;

    const [event] = meaningOf(encodeBatchEvent(json, { seqNum: 0, count: 1, bytes: 17 }));

    expect(event).toEqual({
      kind: "batch",
      id: { seqNum: 0, count: 1, bytes: 17 },
      batch: {
        records: [
          {
            seqNum: 0,
            timestamp: TAIL.timestamp,
            headers: [[encodeUtf8("k"), encodeUtf8("v")]],
            body: encodeUtf8("hello"),
          },
        ],
      },
    });
  });

  it("may come without an id", () => {
    expect(meaningOf('event: batch\ndata: {"records":[]}\n\n')).toEqual([
      { kind: "batch", id: undefined, batch: { records: [] } },
    ]);
  });

  it("is refused with a code when its JSON or its id is malformed", () => {
    expect(() => meaningOf("event: batch\ndata: {\n\n")).toThrow(/bad_json/);
    expect(() => meaningOf('event: batch\nid: 7\ndata: {"records":[]}\n\n')).toThrow(/bad_header/);
  });
});

describe("a ping event", () => {
  it("carries the time of the server and the tail", () => {
    expect(meaningOf(encodePingEvent(1_713_812_740_000, TAIL))).toEqual([
      { kind: "ping", timestamp: 1_713_812_740_000, tail: TAIL },
    ]);
  });

  it("has no tail when it comes from an old server", () => {
    expect(meaningOf('event: ping\ndata: {"timestamp":7}\n\n')).toEqual([
      { kind: "ping", timestamp: 7, tail: undefined },
    ]);
  });
});

describe("an error event", () => {
  function errorOf(body: unknown): S2Error {
    const [event] = meaningOf(encodeErrorEvent(body));
    if (event?.kind !== "error") return expect.fail("not an error event");
    return event.error;
  }

  it("gets its status back from its code", () => {
    const error = errorOf({ code: "stream_deletion_pending", message: "stream deletion pending" });

    expect(error).toMatchObject({
      code: "stream_deletion_pending",
      status: 409,
      isRetryable: false,
      origin: "server",
    });
  });

  it("gets its class back from the shape of a body without a code", () => {
    expect(errorOf({ tail: { seq_num: 1, timestamp: 2 } })).toMatchObject({
      code: "RANGE_NOT_SATISFIABLE",
      tail: { seqNum: 1, timestamp: 2 },
    });
    expect(errorOf({ seq_num_mismatch: 4 })).toBeInstanceOf(SeqNumMismatchError);
    expect(errorOf({ fencing_token_mismatch: "" })).toBeInstanceOf(FencingTokenMismatchError);
  });

  it("is a retryable error of the server when nobody can tell more", () => {
    expect(errorOf({ code: "brand_new", message: "x" })).toMatchObject({
      code: "other",
      status: 500,
      isRetryable: true,
      hasNoSideEffects: false,
    });
    const [event] = meaningOf("event: error\ndata: not json\n\n");
    expect(event).toMatchObject({ kind: "error", error: { status: 500 } });
  });
});

describe("other events", () => {
  it("ends with done", () => {
    expect(meaningOf(SSE_DONE_EVENT)).toEqual([{ kind: "done" }]);
  });

  it("gives no meaning to what it does not know", () => {
    expect(meaningOf("event: novelty\ndata: 1\n\ndata: hello\n\n")).toEqual([undefined, undefined]);
  });
});
