// Parameters of requests: of the path, the query and the headers. Spec:
// control-plane#request-headers, control-plane#lists, data-plane#parameters,
// data-plane#parameters-in-place-of-headers.

import {
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  HEADER_REQUEST_TOKEN,
  HEADER_STREAM_CONFIG,
  MAX_ENCRYPTION_KEY_HEADER_CHARS,
  MAX_LIST_LIMIT,
  MAX_REQUEST_TOKEN_BYTES,
} from "@s2kit/core";
import { METRIC_INTERVALS } from "@s2kit/core/control";
import { BASIN_NAME, STREAM_NAME, TOKEN_ID } from "./account-schemas.js";
import { choice, type Schema, text, u64 } from "./schema.js";

/** A parameter as OpenAPI has it. */
export interface Parameter {
  readonly name: string;
  readonly in: "header" | "path" | "query";
  readonly required?: true;
  readonly description: string;
  readonly schema: Schema;
}

function header(name: string, schema: Schema): Parameter {
  return parameter(name, "header", schema);
}

function query(name: string, schema: Schema): Parameter {
  return parameter(name, "query", schema);
}

function parameter(name: string, place: "header" | "query", schema: Schema): Parameter {
  const { description, ...rest } = schema;
  return { name, in: place, description: String(description), schema: rest };
}

function path(name: string, schema: Schema): Parameter {
  const { description, ...rest } = schema;
  const encoded = `one percent-encoded segment: ${String(description)}`;
  return { name, in: "path", required: true, description: encoded, schema: rest };
}

/** What operations call them by. */
export type ParameterName =
  | "basinHeader"
  | "basinPath"
  | "basinQuery"
  | "bytes"
  | "clamp"
  | "count"
  | "encryptionKey"
  | "end"
  | "format"
  | "formatQuery"
  | "interval"
  | "lastEventId"
  | "lastEventIdQuery"
  | "limit"
  | "prefix"
  | "requestToken"
  | "seqNum"
  | "set"
  | "start"
  | "startAfter"
  | "streamConfig"
  | "streamPath"
  | "tailOffset"
  | "ticket"
  | "timestamp"
  | "tokenPath"
  | "until"
  | "wait";

/** Each becomes a component of its name. */
export const PARAMETERS: Readonly<Record<ParameterName, Parameter>> = {
  basinPath: path("basin", BASIN_NAME),
  streamPath: path("stream", STREAM_NAME),
  tokenPath: path("id", TOKEN_ID),
  basinHeader: header(
    HEADER_BASIN,
    text("the basin, unless the host names it (`{basin}.{zone}`); the header wins"),
  ),
  requestToken: header(
    HEADER_REQUEST_TOKEN,
    text(`makes a repetition a no-op; at most ${MAX_REQUEST_TOKEN_BYTES} bytes`),
  ),
  prefix: query("prefix", text("how names begin")),
  startAfter: query("start_after", text("names strictly greater")),
  limit: query("limit", u64(`1 to ${MAX_LIST_LIMIT}; 0 and more mean ${MAX_LIST_LIMIT}`)),
  format: header(
    HEADER_FORMAT,
    choice("how JSON writes bytes; default `raw`", ["raw", "json", "base64", "json-binsafe"]),
  ),
  encryptionKey: header(
    HEADER_ENCRYPTION_KEY,
    text("key of an encrypted stream: base64 of 32 bytes. A secret", {
      minLength: 1,
      maxLength: MAX_ENCRYPTION_KEY_HEADER_CHARS,
    }),
  ),
  streamConfig: header(
    HEADER_STREAM_CONFIG,
    text("JSON of a StreamConfig, for a stream that this request creates"),
  ),
  lastEventId: header(HEADER_LAST_EVENT_ID, text("resumes events: the id of the last one")),
  seqNum: query("seq_num", u64("start at the first record from this number on")),
  timestamp: query("timestamp", u64("start at the first record of this time or later")),
  tailOffset: query("tail_offset", u64("start so many records before the tail")),
  clamp: query("clamp", {
    type: "boolean",
    description: "a start beyond the tail becomes the tail",
  }),
  count: query("count", u64("most records; unary at most 1000")),
  bytes: query("bytes", u64("most metered bytes; unary at most 1 MiB")),
  until: query("until", u64("stop before the first record of this time or later")),
  wait: query("wait", u64("seconds to wait at the tail; unary at most 60")),
  basinQuery: query("basin", text("events only: in place of the header")),
  formatQuery: query("format", text("events only: in place of the header")),
  lastEventIdQuery: query("last_event_id", text("events only: in place of the header")),
  ticket: query("ticket", text("events only: a read ticket, in place of the token. A secret")),
  set: query("set", text("which metrics; the sets of a level are in its description")),
  start: query("start", u64("seconds since 1970")),
  end: query("end", u64("seconds since 1970")),
  interval: query("interval", choice("of the sums", METRIC_INTERVALS)),
};
