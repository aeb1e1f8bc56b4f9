// Faults of appends, reads and their formats, that servers have had, or could: each with the case that must find it.

import type { Fault } from "./doctor.js";
import { edit, isAppend, isRead } from "./spoil.js";

export const RECORD_FAULTS: readonly Fault[] = [
  {
    name: "400 in place of 422",
    caughtBy: "append/json-records-empty",
    head: (head) => {
      if (head.status === 422) head.status = 400;
    },
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
    name: "416 for a bound of zero at the tail",
    caughtBy: "read/bound-of-zero",
    head: (head, _method, path) => {
      if (path.includes("seq_num=1&bytes=0")) head.status = 416;
    },
  },
  {
    name: "commands do not open without the key",
    caughtBy: "encryption/opens-what-is-asked-aegis-256",
    ask: (asked) => {
      if (asked.path.includes("seq_num=2&count=1")) delete asked.headers["s2-encryption-key"];
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
    name: "s2-format is ignored",
    caughtBy: "formats/every-byte",
    ask: (asked) => {
      delete asked.headers["s2-format"];
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
