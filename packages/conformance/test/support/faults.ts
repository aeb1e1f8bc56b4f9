// Faults that servers have had, or could: each with the case that must find it.

import type { Fault } from "./doctor.js";

const isAppend = (method: string, path: string): boolean =>
  method === "POST" && path.endsWith("/records");
const isRead = (method: string, path: string): boolean =>
  method === "GET" && /\/records(\?|$)/.test(path);

const without =
  (name: string): Fault["head"] =>
  (head) => {
    delete head.headers[name];
  };

/** Rewrites JSON; what is none stays. */
function json(change: (value: Record<string, never>) => unknown): (text: string) => string {
  return (text) => {
    if (!text.startsWith("{")) return text;
    const value = JSON.parse(Buffer.from(text, "latin1").toString("utf8")) as Record<string, never>;
    return Buffer.from(JSON.stringify(change(value) ?? value)).toString("latin1");
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of any shape are spoiled
const edit = (change: (value: any) => void): ((text: string) => string) =>
  json((value) => {
    change(value);
    return value;
  });

/** Changes the first frame that fits; frames of the tests come one a chunk. */
const frames =
  (change: (frame: Buffer) => Buffer): Fault["chunk"] =>
  (chunk) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const end = at + 3 + chunk.readUIntBE(at, 3);
      parts.push(change(chunk.subarray(at, end)));
      at = end;
    }
    return Buffer.concat(parts);
  };

export const FAULTS: readonly Fault[] = [
  { name: "answers may be stored", caughtBy: "rules/no-store", head: without("cache-control") },
  { name: "no provision result", caughtBy: "basins/ensure", head: without("s2-provision-result") },
  {
    name: "errors as text",
    caughtBy: "routes/error-body",
    head: (head) => {
      if (head.status >= 400) head.headers["content-type"] = "text/plain";
    },
  },
  {
    name: "405 without Allow",
    caughtBy: "routes/wrong-method-patch-basins",
    head: without("allow"),
  },
  {
    name: "400 in place of 422",
    caughtBy: "append/json-records-empty",
    head: (head) => {
      if (head.status === 422) head.status = 400;
    },
  },
  {
    name: "a plain stream shows a cipher",
    caughtBy: "streams/create",
    text: (text, method, path) =>
      method === "POST" && path === "/v1/streams"
        ? edit((value) => {
            value.cipher = "none";
          })(text)
        : text,
  },
  {
    name: "an ack whose end is one too high",
    caughtBy: "append/acknowledgement",
    text: (text, method, path) =>
      isAppend(method, path)
        ? edit((value) => {
            if (value.end) value.end.seq_num += 1;
          })(text)
        : text,
  },
  {
    name: "an ack whose tail is one too low",
    caughtBy: "append/acknowledgement",
    text: (text, method, path) =>
      isAppend(method, path)
        ? edit((value) => {
            if (value.tail) value.tail.seq_num -= 1;
          })(text)
        : text,
  },
  {
    name: "412 that reports one less",
    caughtBy: "append/match-seq-num",
    text: edit((value) => {
      if ("seq_num_mismatch" in value) value.seq_num_mismatch -= 1;
    }),
  },
  {
    name: "412 with a code",
    caughtBy: "append/failed-condition-body",
    text: edit((value) => {
      if ("seq_num_mismatch" in value) value.code = "condition_failed";
    }),
  },
  {
    name: "records out of order",
    caughtBy: "formats/header-order",
    text: (text, method, path) =>
      isRead(method, path)
        ? edit((value) => {
            for (const each of value.records ?? []) each.headers?.reverse();
          })(text)
        : text,
  },
  {
    name: "a record is skipped",
    caughtBy: "read/consecutive",
    text: (text, method, path) =>
      isRead(method, path)
        ? edit((value) => {
            if (value.records?.length > 20) value.records.splice(9, 1);
          })(text)
        : text,
  },
  {
    name: "one record more than asked",
    caughtBy: "read/bounds",
    ask: (asked) => {
      asked.path = asked.path.replace(/count=(\d+)/, (_, n: string) => `count=${Number(n) + 1}`);
    },
  },
  {
    name: "bytes are not counted",
    caughtBy: "limits/metered-size",
    ask: (asked) => {
      asked.path = asked.path.replace(/[?&]bytes=\d+/, "");
    },
  },
  {
    name: "416 without the tail",
    caughtBy: "read/error-416-body",
    text: (text, _method, _path, status) => (status === 416 ? "{}" : text),
  },
  {
    name: "200 in place of 416",
    caughtBy: "read/empty-stream",
    head: (head) => {
      if (head.status === 416) head.status = 200;
    },
  },
  {
    name: "empty headers are written",
    caughtBy: "formats/json-answer",
    text: (text, method, path) =>
      isRead(method, path)
        ? edit((value) => {
            for (const each of value.records ?? []) each.headers ??= [];
          })(text)
        : text,
  },
  {
    name: "a list that is not sorted",
    caughtBy: "lists/order",
    text: (text, method, path) =>
      method === "GET" && /\/v1\/streams(\?|$)/.test(path)
        ? edit((value) => {
            value.streams?.reverse();
          })(text)
        : text,
  },
  {
    name: "has_more is always true",
    caughtBy: "lists/pages",
    text: edit((value) => {
      if ("has_more" in value) value.has_more = true;
    }),
  },
  {
    name: "start_after is not strict",
    caughtBy: "lists/pages",
    ask: (asked) => {
      asked.path = asked.path.replace(
        /start_after=(\w)(\d)/,
        (_, letter: string, digit: string) => `start_after=${letter}${Number(digit) - 1}`,
      );
    },
  },
  {
    name: "times without a zone",
    caughtBy: "json/times",
    text: edit((value) => {
      if (typeof value.created_at === "string")
        value.created_at = value.created_at.replace("Z", "");
    }),
  },
  {
    name: "nulls are left out",
    caughtBy: "json/nulls-written",
    text: edit((value) => {
      for (const [key, each] of Object.entries(value)) if (each === null) delete value[key];
    }),
  },
  {
    name: "a default is not shown",
    caughtBy: "streams/defaults",
    text: edit((value) => {
      if ("retention_policy" in value) delete value.delete_on_empty;
    }),
  },
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
    name: "s2-format is ignored",
    caughtBy: "formats/every-byte",
    ask: (asked) => {
      delete asked.headers["s2-format"];
    },
  },
  {
    name: "content is never compressed",
    caughtBy: "rules/answer-gzip",
    ask: (asked) => {
      delete asked.headers["accept-encoding"];
    },
  },
  {
    name: "the fencing token is not checked",
    caughtBy: "append/fencing-token",
    head: (head) => {
      if (head.status === 412) head.status = 200;
    },
  },
  {
    name: "a deleted stream is gone without a word",
    caughtBy: "deletion/open-read-h1",
    chunk: frames((frame) => (frame[3] === 0x80 ? Buffer.alloc(0) : frame)),
  },
  {
    name: "a revoked token lives on",
    caughtBy: "tokens/issue-and-revoke",
    ask: (asked) => {
      if (asked.method === "DELETE" && asked.path.includes("access-tokens")) {
        asked.method = "GET";
        asked.path = "/v1/access-tokens";
      }
    },
    head: (head, method, path) => {
      if (method === "GET" && path === "/v1/access-tokens" && head.status === 200)
        head.status = 204;
    },
  },
  {
    name: "records in no order under load",
    caughtBy: "guarantees/one-order",
    text: (text, method, path) =>
      isRead(method, path)
        ? edit((value) => {
            value.records?.reverse();
          })(text)
        : text,
  },
  {
    name: "a wrong answer to one read in a history",
    caughtBy: "random/histories",
    text: (text, method, path) =>
      isRead(method, path)
        ? edit((value) => {
            if (value.records?.length > 1) value.records.pop();
          })(text)
        : text,
  },
];
