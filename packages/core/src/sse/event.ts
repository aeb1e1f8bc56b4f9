// The events of an SSE read: batch, ping, error and done. Encoders give the text of a whole event
// with its blank line; the decoder gives meaning to what the parser found. JSON on one line has no
// line breaks of its own, so each event has a single data line. Spec: data-plane#sse.

import type { S2Error } from "../error.js";
import { isServerErrorCode, statusOf } from "../error-code.js";
import { errorFromWire } from "../json/error.js";
import { positionFromJson, positionToJson, readBatchFromJson } from "../json/records.js";
import { object, optional, parseJson, uint64 } from "../json/shape.js";
import type { RecordFormat } from "../record/headers.js";
import type { StreamPosition } from "../record/position.js";
import type { ReadBatch } from "../record/record.js";
import { formatLastEventId, type LastEventId, parseLastEventId } from "./last-event-id.js";
import type { SseEvent } from "./parser.js";

/** What an event of a read means. */
export type ReadEvent =
  | { readonly kind: "batch"; readonly batch: ReadBatch; readonly id: LastEventId | undefined }
  /** A sign of life while following; old servers send no tail. */
  | { readonly kind: "ping"; readonly timestamp: number; readonly tail: StreamPosition | undefined }
  | { readonly kind: "error"; readonly error: S2Error }
  | { readonly kind: "done" };

const DONE_DATA = "[DONE]";

/** The end of a read that ran to its end; the connection closes behind it. */
export const SSE_DONE_EVENT: string = `data: ${DONE_DATA}\n\n`;

/**
 * @param json - the batch as one line of JSON, shared by all connections in the same format
 * @param id - totals of this connection, including this batch
 */
export function encodeBatchEvent(json: string, id: LastEventId): string {
  return encodeBatchEventHead(id) + encodeBatchEventData(json);
}

/** What comes before {@link encodeBatchEventData}: an own one for each connection. */
export function encodeBatchEventHead(id: LastEventId): string {
  return `event: batch\nid: ${formatLastEventId(id)}\n`;
}

/** The end of the event, equal for all connections in the same format. */
export function encodeBatchEventData(json: string): string {
  return `data: ${json}\n\n`;
}

/** @param now - ms since the epoch */
export function encodePingEvent(now: number, tail: StreamPosition): string {
  const json = JSON.stringify({ timestamp: now, tail: positionToJson(tail) });
  return `event: ping\ndata: ${json}\n\n`;
}

/** @param body - of the error as an HTTP response would have it; the connection closes behind it */
export function encodeErrorEvent(body: unknown): string {
  return `event: error\ndata: ${JSON.stringify(body)}\n\n`;
}

/**
 * Reads an event of a read; undefined for kinds that this version does not know.
 *
 * @throws {S2Error} `bad_json` for a malformed batch or ping, `UNSAFE_INTEGER` for a position above
 *   2^53 - 1, `bad_header` for a malformed id
 */
export function decodeReadEvent(event: SseEvent, format: RecordFormat): ReadEvent | undefined {
  switch (event.type) {
    case "batch":
      return {
        kind: "batch",
        batch: readBatchFromJson(parseJson(event.data), format),
        id: event.lastEventId === "" ? undefined : parseLastEventId(event.lastEventId),
      };
    case "ping": {
      const ping = object(parseJson(event.data), "ping");
      return {
        kind: "ping",
        timestamp: uint64(ping.timestamp, "timestamp"),
        tail: optional(ping.tail, "tail", positionFromJson),
      };
    }
    case "error":
      return { kind: "error", error: errorFromWire(statusOfBody(event.data), event.data) };
    default:
      return event.data === DONE_DATA ? { kind: "done" } : undefined;
  }
}

/** An error event has no status: its body tells, by code or by shape. */
function statusOfBody(text: string): number {
  let body: { readonly [key: string]: unknown };
  try {
    body = object(parseJson(text), "error");
  } catch {
    return 500;
  }
  if (typeof body.code === "string" && isServerErrorCode(body.code)) return statusOf(body.code);
  if ("tail" in body) return 416;
  return "seq_num_mismatch" in body || "fencing_token_mismatch" in body ? 412 : 500;
}
