// What a client reads: events, read batches and acks in protobuf and JSON, and the bodies of errors. From a
// server, or from whatever stands between.

import {
  appendAckFromJson,
  appendAckToJson,
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendAck,
  encodeReadBatch,
  encodeUtf8,
  errorFromWire,
  type ReadBatch,
  type RecordFormat,
  readBatchFromJson,
  readBatchToJson,
  tailFromJson,
} from "@s2kit/core";
import { encodeBatchEvent, SequencedWalker, SSE_DONE_EVENT } from "@s2kit/core/server";
import { createSseParser, decodeReadEvent, type SseEvent } from "@s2kit/core/sse";
import {
  agree,
  codeOf,
  cutsOf,
  type Entry,
  type Outcome,
  outcomeOf,
  textOf,
  utf8,
  wordFor,
} from "../engine/entry.js";

const MAX_EVENT_BYTES = 600;
const BATCH: ReadBatch = {
  records: [
    {
      seqNum: 7,
      timestamp: 9,
      headers: [[encodeUtf8("k"), encodeUtf8("v")]],
      body: encodeUtf8("b"),
    },
    { seqNum: 8, timestamp: 9, headers: [], body: new Uint8Array(0) },
  ],
  tail: { seqNum: 9, timestamp: 9 },
};

function parse(pieces: readonly Uint8Array[]): Outcome<readonly SseEvent[]> {
  const parser = createSseParser(MAX_EVENT_BYTES);
  const events: SseEvent[] = [];
  return outcomeOf(() => {
    for (const piece of pieces) {
      parser.push(piece);
      for (let event = parser.next(); event !== undefined; event = parser.next())
        events.push(event);
    }
    return events;
  });
}

export const events: Entry = {
  name: "events",
  reads: "the parser of server-sent events in the client",
  seeds: () => ({
    batch: utf8.encode(
      encodeBatchEvent(JSON.stringify(readBatchToJson(BATCH, "base64")), {
        seqNum: 8,
        count: 2,
        bytes: 20,
      }),
    ),
    "ping and error": utf8.encode(
      'event: ping\ndata: {"timestamp":1,"tail":{"seq_num":1,"timestamp":1}}\n\nevent: error\ndata: {"code":"authn","message":"x"}\n\n',
    ),
    done: typeof SSE_DONE_EVENT === "string" ? utf8.encode(SSE_DONE_EVENT) : SSE_DONE_EVENT,
    "line ends": utf8.encode(
      "\ufeffdata:a\rdata: b\r\ndata\n\n: comment\r\rid: 1\0\nid:2\ndata:\n\n",
    ),
    "many lines": utf8.encode(`${"data: x\n".repeat(60)}\n`),
  }),
  words: [
    "data: ",
    "event: batch\n",
    "event: error\n",
    "id: 1,2,3\n",
    "\r\n",
    "\n\n",
    "retry: 5\n",
  ],
  check(bytes) {
    const whole = parse([bytes]);
    for (const pieces of cutsOf(bytes)) {
      const cut = parse(pieces);
      // The bound is met by what came: an event that is too long may fail a little earlier in one.
      if (whole.kind === "value" && cut.kind === "value")
        agree("whole and in pieces", cut.value, whole.value);
    }
    if (whole.kind === "refused") return whole.word;
    const meant = whole.value.map((event) =>
      codeOf(outcomeOf(() => decodeReadEvent(event, "base64"))),
    );
    return `${whole.value.length > 0 ? "events" : "none"} ${[...new Set(meant)].slice(0, 2).join(" ")}`;
  },
};

export const readAnswers: Entry = {
  name: "read-protobuf",
  reads: "read batches and acks as protobuf, in the client and in stored bytes",
  seeds: () => ({
    batch: encodeReadBatch(BATCH),
    "without tail": encodeReadBatch({ records: BATCH.records }),
    heartbeat: encodeReadBatch({ records: [], tail: { seqNum: 1, timestamp: 2 } }),
    ack: encodeAppendAck({
      start: { seqNum: 1, timestamp: 2 },
      end: { seqNum: 3, timestamp: 4 },
      tail: { seqNum: 3, timestamp: 4 },
    }),
  }),
  check(bytes) {
    const batch = outcomeOf(() => decodeReadBatch(bytes));
    const ack = outcomeOf(() => decodeAppendAck(bytes));
    const walked = outcomeOf(() => {
      const walker = new SequencedWalker(bytes);
      let count = 0;
      while (walker.next()) count++;
      return count;
    });
    if (walked.kind === "value" && batch.kind === "value")
      agree("walked and decoded", walked.value, batch.value.records.length);
    if (batch.kind === "value")
      agree("a batch again", decodeReadBatch(encodeReadBatch(batch.value)), batch.value);
    if (ack.kind === "value")
      agree("an ack again", decodeAppendAck(encodeAppendAck(ack.value)), ack.value);
    return `${wordFor(batch)} ${wordFor(ack)}`;
  },
};

const FORMATS: readonly RecordFormat[] = ["raw", "base64"];

export const answerJson: Entry = {
  name: "answer-json",
  reads: "JSON answers and bodies of errors, in the client",
  seeds: () => ({
    batch: utf8.encode(JSON.stringify(readBatchToJson(BATCH, "base64"))),
    ack: utf8.encode(
      JSON.stringify(
        appendAckToJson({
          start: { seqNum: 1, timestamp: 2 },
          end: { seqNum: 3, timestamp: 4 },
          tail: { seqNum: 3, timestamp: 4 },
        }),
      ),
    ),
    error: utf8.encode('{"code":"stream_not_found","message":"x"}'),
    mismatch: utf8.encode('{"seq_num_mismatch":5}'),
    fencing: utf8.encode('{"fencing_token_mismatch":"t"}'),
    tail: utf8.encode('{"tail":{"seq_num":1,"timestamp":1}}'),
    page: utf8.encode("<html>502 Bad Gateway</html>"),
  }),
  words: ["records", "seq_num", "timestamp", "tail", "code", "message", "headers", "body"],
  check(bytes) {
    const text = textOf(bytes);
    for (const status of [200, 400, 403, 412, 416, 429, 500, 503, 599]) {
      const error = errorFromWire(status, text, undefined);
      agree(
        "quotes a part at most",
        error.message.length < 2000 + Math.min(text.length, 4096),
        true,
      );
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return "no JSON";
    }
    const read = FORMATS.map((format) => outcomeOf(() => readBatchFromJson(json, format)));
    for (const [at, format] of FORMATS.entries()) {
      const batch = read[at];
      if (batch?.kind === "value" && format === "base64")
        agree(
          "again",
          readBatchFromJson(readBatchToJson(batch.value, format), format),
          batch.value,
        );
    }
    const ack = outcomeOf(() => appendAckFromJson(json));
    return [...read, ack, outcomeOf(() => tailFromJson(json))]
      .map((each) => codeOf(each))
      .join(" ");
  },
};
