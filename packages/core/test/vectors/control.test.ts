// Golden vectors around the records: errors, server-sent events, query strings, names.

import { describe, expect, it } from "vitest";
import {
  accessTokenIdRule,
  basinNameRule,
  basinPrefixRule,
  locationNameRule,
  streamNameRule,
  streamPrefixRule,
} from "../../src/account/names.js";
import type {
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  SeqNumMismatchError,
} from "../../src/error.js";
import { type ErrorCode, SERVER_ERROR_CODES } from "../../src/error-code.js";
import { errorFromWire, errorToWire } from "../../src/json/error.js";
import { readBatchToJson } from "../../src/json/records.js";
import { formatReadQuery, parseReadQuery, type ReadFrom } from "../../src/record/read.js";
import {
  decodeReadEvent,
  encodeBatchEvent,
  encodeErrorEvent,
  encodePingEvent,
  type ReadEvent,
  SSE_DONE_EVENT,
} from "../../src/sse/event.js";
import { formatLastEventId, parseLastEventId } from "../../src/sse/last-event-id.js";
import { createSseParser, type SseEvent } from "../../src/sse/parser.js";
import { encodeUtf8 } from "../../src/text/utf8.js";
import {
  type NeutralPosition,
  type NeutralReadBatch,
  positionOf,
  readBatchOf,
  saturated,
  vectorsOf,
} from "./load.js";

interface ErrorVector {
  readonly status: number;
  readonly body: string;
  readonly sent: boolean;
  readonly error: {
    readonly code: ErrorCode;
    readonly status: number;
    readonly retryable: boolean;
    readonly no_side_effects: boolean;
    readonly expected_seq_num?: string;
    readonly expected_fencing_token?: string;
    readonly tail?: NeutralPosition;
  };
}

const ERRORS = vectorsOf<ErrorVector>("errors.json");

describe("errors", () => {
  it.each(ERRORS)("$id is understood: $meaning", ({ status, body, error: expected }) => {
    const error = errorFromWire(status, body);

    expect(error).toMatchObject({
      code: expected.code,
      status: expected.status,
      isRetryable: expected.retryable,
      hasNoSideEffects: expected.no_side_effects,
      origin: "server",
    });
    if (expected.expected_seq_num !== undefined)
      expect((error as SeqNumMismatchError).expectedSeqNum).toBe(
        saturated(expected.expected_seq_num),
      );
    if (expected.expected_fencing_token !== undefined)
      expect((error as FencingTokenMismatchError).expectedFencingToken).toBe(
        expected.expected_fencing_token,
      );
    if (expected.tail !== undefined)
      expect((error as RangeNotSatisfiableError).tail).toEqual(positionOf(expected.tail));
  });

  it.each(ERRORS.filter(({ sent }) => sent))("$id is sent: $meaning", (vector) => {
    const wire = errorToWire(errorFromWire(vector.status, vector.body));

    expect(wire.status).toBe(vector.status);
    expect(JSON.stringify(wire.body)).toBe(vector.body);
  });

  it("cover every code of the API", () => {
    const covered = new Set(ERRORS.filter(({ sent }) => sent).map(({ error }) => error.code));

    expect(SERVER_ERROR_CODES.filter((code) => !covered.has(code))).toEqual([]);
  });
});

type NeutralMeaning =
  | { ping: { timestamp: string; tail?: NeutralPosition } }
  | { batch: NeutralReadBatch; id: { seq_num: string; count: string; bytes: string } }
  | { error: { code: string; status: number } }
  | { done: true }
  | null;

interface SseVector {
  readonly text: string;
  readonly events: readonly { type: string; data: string; last_event_id: string }[];
  readonly means?: readonly NeutralMeaning[];
  readonly encodes?: boolean;
}

const EVENTS = vectorsOf<SseVector>("sse.json");

function parse(chunks: readonly Uint8Array[]): SseEvent[] {
  const parser = createSseParser();
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let event = parser.next(); event !== undefined; event = parser.next()) events.push(event);
  }
  return events;
}

function meaningOf(neutral: NeutralMeaning): unknown {
  if (neutral === null) return undefined;
  if ("done" in neutral) return { kind: "done" };
  if ("error" in neutral) return { kind: "error", error: neutral.error };
  if ("ping" in neutral) {
    const { timestamp, tail } = neutral.ping;
    return { kind: "ping", timestamp: Number(timestamp), ...(tail && { tail: positionOf(tail) }) };
  }
  const { seq_num, count, bytes } = neutral.id;
  const id = { seqNum: Number(seq_num), count: Number(count), bytes: Number(bytes) };
  return { kind: "batch", batch: readBatchOf(neutral.batch), id };
}

function encodeEvent(event: ReadEvent): string {
  switch (event.kind) {
    case "batch":
      return encodeBatchEvent(
        JSON.stringify(readBatchToJson(event.batch, "raw")),
        event.id ?? expect.fail("a batch has an id"),
      );
    case "ping":
      return encodePingEvent(event.timestamp, event.tail ?? expect.fail("a ping has a tail"));
    case "error":
      return encodeErrorEvent(errorToWire(event.error).body);
    case "done":
      return SSE_DONE_EVENT;
    default:
      return expect.fail("an unknown kind");
  }
}

describe("server-sent events", () => {
  it.each(EVENTS)("$id parses at any chunking: $meaning", ({ text, events }) => {
    const bytes = encodeUtf8(text);
    const expected = events.map(({ type, data, last_event_id: lastEventId }) => ({
      type,
      data,
      lastEventId,
    }));

    for (const size of [bytes.length, 1, 2, 3, 7, 16]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(parse(pieces)).toEqual(expected);
    }
  });

  it.each(EVENTS.filter(({ means }) => means !== undefined))(
    "$id has its meaning: $meaning",
    ({ text, means = [], encodes }) => {
      const meanings = parse([encodeUtf8(text)]).map((event) => decodeReadEvent(event, "raw"));

      expect(meanings).toHaveLength(means.length);
      for (const [i, neutral] of means.entries()) {
        const expected = meaningOf(neutral);
        if (expected === undefined) expect(meanings[i]).toBeUndefined();
        else expect(meanings[i]).toMatchObject(expected as object);
      }
      if (encodes === true)
        expect(meanings.map((event) => encodeEvent(event as ReadEvent)).join("")).toBe(text);
    },
  );
});

interface IdVector {
  readonly text: string;
  readonly value?: { seq_num: string; count: string; bytes: string };
  readonly error?: string;
}

describe("last event ids", () => {
  it.each(vectorsOf<IdVector>("last-event-id.json"))("$id: $meaning", ({ text, value, error }) => {
    if (value === undefined) {
      expect(() => parseLastEventId(text)).toThrow(`[${error}]`);
      return;
    }
    const id = {
      seqNum: saturated(value.seq_num),
      count: saturated(value.count),
      bytes: saturated(value.bytes),
    };
    expect(parseLastEventId(text)).toEqual(id);
    expect(parseLastEventId(formatLastEventId(id))).toEqual(id);
  });
});

interface QueryVector {
  readonly query: string;
  readonly value?: {
    readonly seq_num?: string;
    readonly timestamp?: string;
    readonly tail_offset?: string;
    readonly clamp?: boolean;
    readonly count?: string;
    readonly bytes?: string;
    readonly until?: string;
    readonly wait?: number;
  };
  readonly error?: string;
}

function fromOf(value: NonNullable<QueryVector["value"]>): ReadFrom | undefined {
  if (value.seq_num !== undefined) return { seqNum: saturated(value.seq_num) };
  if (value.timestamp !== undefined) return { timestamp: saturated(value.timestamp) };
  return value.tail_offset === undefined ? undefined : { tailOffset: saturated(value.tail_offset) };
}

describe("queries of reads", () => {
  it.each(vectorsOf<QueryVector>("read-queries.json"))(
    "$id: $meaning",
    ({ query, value, error }) => {
      const read = () => parseReadQuery(new URLSearchParams(query));
      if (value === undefined) {
        expect(read).toThrow(`[${error}]`);
        return;
      }
      const number = (text: string | undefined) =>
        text === undefined ? undefined : saturated(text);
      expect(read()).toEqual({
        from: fromOf(value),
        clamp: value.clamp,
        count: number(value.count),
        bytes: number(value.bytes),
        until: number(value.until),
        waitSecs: value.wait,
      });
      const again = parseReadQuery(new URLSearchParams(formatReadQuery(read())));
      expect(again).toEqual({ ...read(), clamp: read().clamp === true ? true : undefined });
    },
  );
});

const RULES: Readonly<Record<string, (text: string) => string | undefined>> = {
  basin: basinNameRule,
  stream: streamNameRule,
  "access-token": accessTokenIdRule,
  location: locationNameRule,
  "basin-prefix": (text) => basinPrefixRule(text, "prefix"),
  "stream-prefix": (text) => streamPrefixRule(text, "prefix"),
};

describe("names", () => {
  it.each(vectorsOf<{ kind: string; text: string; rule: string | null }>("names.json"))(
    "$id: $meaning",
    ({ kind, text, rule }) => {
      expect(RULES[kind]?.(text)).toBe(rule ?? undefined);
    },
  );
});
