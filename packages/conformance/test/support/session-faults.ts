// Faults of sessions and event streams, that servers have had, or could: each with the case that must find it.

import type { Fault } from "./doctor.js";
import { frames, without } from "./spoil.js";

export const SESSION_FAULTS: readonly Fault[] = [
  {
    name: "events without an id",
    caughtBy: "sse/batch",
    chunk: (chunk) => Buffer.from(chunk.toString("utf8").replace(/^id:.*\n/gm, "")),
  },
  {
    name: "events without an end",
    caughtBy: "sse/ends-seq-num-0-count-2",
    chunk: (chunk) => Buffer.from(chunk.toString("utf8").replace("data: [DONE]\n\n", "")),
  },
  {
    name: "no ping when following starts",
    caughtBy: "sse/follows",
    chunk: (chunk) => Buffer.from(chunk.toString("utf8").replace(/event: ping\n[^]*?\n\n/g, "")),
  },
  {
    name: "Last-Event-ID is ignored",
    caughtBy: "sse/last-event-id",
    ask: (asked) => {
      delete asked.headers["last-event-id"];
    },
  },
  {
    name: "a read that resumes at the tail begins anew",
    caughtBy: "sse/resume-at-the-tail",
    ask: (asked) => {
      delete asked.headers["last-event-id"];
    },
  },
  {
    name: "the format of a query is ignored",
    caughtBy: "event-source/in-place",
    ask: (asked) => {
      asked.path = asked.path.replace("&format=base64", "");
    },
  },
  {
    name: "last_event_id of a query goes before the header",
    caughtBy: "event-source/headers-win",
    ask: (asked) => {
      if (asked.path.includes("last_event_id=")) delete asked.headers["last-event-id"];
    },
  },
  {
    name: "pages behind a ticket are told of it",
    caughtBy: "event-source/ticket-opens",
    head: without("referrer-policy"),
  },
  {
    name: "a ticket lives for an hour",
    caughtBy: "event-source/ticket-form",
    text: (text) =>
      text.replace(
        /"expires_at":"([^"]+)"/,
        (_, time: string) =>
          `"expires_at":"${new Date(Date.parse(time) + 3_000_000).toISOString()}"`,
      ),
  },
  {
    name: "append sessions may be buffered",
    caughtBy: "append-session/headers-h1",
    head: without("x-accel-buffering"),
  },
  {
    name: "event streams may be buffered",
    caughtBy: "sse/headers",
    head: without("x-accel-buffering"),
  },
  {
    name: "no heartbeat when following starts",
    caughtBy: "read-session/follows-h1",
    chunk: frames((frame) => (frame.length > 4 && frame[4] === 0x12 ? Buffer.alloc(0) : frame)),
  },
  {
    name: "reserved bits in the flags",
    caughtBy: "read-session/empty-stream-h1",
    chunk: frames((frame) => {
      const changed = Buffer.from(frame);
      changed[3] = (changed[3] ?? 0) | 1;
      return changed;
    }),
  },
  {
    name: "a terminal frame with another status",
    caughtBy: "append-session/after-failure-h1",
    chunk: frames((frame) => {
      const changed = Buffer.from(frame);
      if (changed[3] === 0x80) changed.writeUInt16BE(400, 4);
      return changed;
    }),
  },
  {
    name: "no terminal frame",
    caughtBy: "append-session/fenced-h1",
    chunk: frames((frame) => (frame[3] === 0x80 ? Buffer.alloc(0) : frame)),
  },
  {
    name: "acks twice",
    caughtBy: "append-session/acks-h1",
    chunk: frames((frame) => (frame[3] === 0 ? Buffer.concat([frame, frame]) : frame)),
  },
  {
    name: "a deleted stream is gone without a word",
    caughtBy: "deletion/open-read-h1",
    chunk: frames((frame) => (frame[3] === 0x80 ? Buffer.alloc(0) : frame)),
  },
];
