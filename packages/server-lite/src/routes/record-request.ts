// Decodes what all records routes share: the stream, the key, the format, the configuration for a
// stream that is made on the way. Rules of reads and appends are the backend's.
// Spec: data-plane#routes, data-plane#order-of-checks, data-plane#automatic-creation,
// control-plane#request-headers.

import {
  HEADER_ENCRYPTION_KEY,
  HEADER_FORMAT,
  HEADER_STREAM_CONFIG,
  MAX_ENCRYPTION_KEY_HEADER_CHARS,
  parseRecordFormat,
  type RecordFormat,
  S2Error,
} from "@s2kit/core";
import { type StreamConfig, streamConfigFromJson } from "@s2kit/core/control";
import type { Access } from "../backend/access/access.js";
import type { StreamAddress } from "../backend/control/streams.js";
import type { StreamRequest } from "../backend/stream-request.js";
import type { Exchange } from "../exchange/exchange.js";
import type { RouteRequest } from "../exchange/router.js";
import { addressOf } from "./streams.js";

/** A request for records always knows who asks. */
export interface RecordRequest extends StreamRequest {
  readonly access: Access;
}

/**
 * Notes the shard that has the stream.
 *
 * @throws {S2Error} `bad_path`, `bad_header`; `unavailable` when that shard has failed
 */
export function streamRequestOf(request: RouteRequest): RecordRequest {
  const address = addressOf(request);
  request.asked.of(address);
  return { ...address, ...recordHeadersOf(request) };
}

/**
 * What a request says about records whatever their stream is.
 *
 * @throws {S2Error} `bad_header`
 */
export function recordHeadersOf({
  access,
  exchange,
}: Pick<RouteRequest, "access" | "exchange">): Omit<RecordRequest, keyof StreamAddress> {
  return {
    access,
    connection: exchange.connection,
    encryptionKey: encryptionKeyOf(exchange),
    streamConfig: streamConfigOf(exchange),
  };
}

/** @throws {S2Error} `bad_header` */
export function recordFormatOf(exchange: Pick<Exchange, "header">): RecordFormat {
  const format = parseRecordFormat(exchange.header(HEADER_FORMAT));
  if (format !== undefined) return format;
  throw badHeader(`Invalid header \`${HEADER_FORMAT}\`: expected raw or base64`);
}

/** Checked for every stream, encrypted or not; what it holds is checked where it is used. */
function encryptionKeyOf(exchange: Exchange): string | undefined {
  const key = exchange.header(HEADER_ENCRYPTION_KEY)?.trim();
  if (key === undefined) return undefined;
  if (key.length >= 1 && key.length <= MAX_ENCRYPTION_KEY_HEADER_CHARS) return key;
  throw badHeader(
    `Invalid header \`${HEADER_ENCRYPTION_KEY}\`: expected 1 to ${MAX_ENCRYPTION_KEY_HEADER_CHARS} characters`,
  );
}

function streamConfigOf(exchange: Exchange): StreamConfig | undefined {
  const text = exchange.header(HEADER_STREAM_CONFIG);
  if (text === undefined) return undefined;
  try {
    return streamConfigFromJson(JSON.parse(text) as unknown, HEADER_STREAM_CONFIG);
  } catch (cause) {
    const reason = cause instanceof S2Error ? cause.rawMessage : "malformed JSON";
    throw badHeader(`Invalid header \`${HEADER_STREAM_CONFIG}\`: ${reason}`);
  }
}

function badHeader(message: string): S2Error {
  return new S2Error({ code: "bad_header", message });
}
