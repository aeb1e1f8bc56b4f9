// What telemetry looks like as records: headers that say what the body is, and as many records in
// an append as one may have. Spec: data-plane#otlp-records.

import {
  encodeAppendInput,
  encodeUtf8,
  type Header,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MEDIA_JSON,
} from "@s2kit/core";
import type { OtlpEncoding, OtlpPiece, OtlpSignal } from "@s2kit/core/server";
import { MEDIA_OTLP_PROTOBUF } from "./otlp-failure.js";

/** The major version of opentelemetry-proto, as in the path. */
const OTLP_VERSION = "v1";

/** The headers of every record of a request. */
export function headersOf(signal: OtlpSignal, encoding: OtlpEncoding): readonly Header[] {
  const mediaType = encoding === "json" ? MEDIA_JSON : MEDIA_OTLP_PROTOBUF;
  return [
    header("otlp.signal", signal),
    header("otlp.version", OTLP_VERSION),
    header("content-type", mediaType),
  ];
}

/** What a record meters beside its body. */
export function meteredBytesOf(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + 2 + name.length + value.length, 8);
}

/** One append. */
export interface OtlpBatch {
  readonly pieces: readonly OtlpPiece[];
  readonly meteredBytes: number;
}

/** Cuts what goes to one stream into appends, in order. */
export function batchesOf(
  pieces: readonly OtlpPiece[],
  headers: readonly Header[],
): readonly OtlpBatch[] {
  const overhead = meteredBytesOf(headers);
  const batches: { pieces: OtlpPiece[]; meteredBytes: number }[] = [];
  for (const piece of pieces) {
    const bytes = overhead + bodyLengthOf(piece);
    const last = batches.at(-1);
    const hasRoom =
      last !== undefined &&
      last.pieces.length < MAX_BATCH_RECORDS &&
      last.meteredBytes + bytes <= MAX_BATCH_METERED_BYTES;
    if (hasRoom) {
      last.pieces.push(piece);
      last.meteredBytes += bytes;
    } else batches.push({ pieces: [piece], meteredBytes: bytes });
  }
  return batches;
}

/**
 * The message of an append.
 *
 * @param timestamp - of all of them: when they came, for streams that want to be told
 */
export function messageOf(
  { pieces }: OtlpBatch,
  headers: readonly Header[],
  timestamp: number,
): Uint8Array {
  return encodeAppendInput({
    records: pieces.map((piece) => ({ timestamp, headers, body: bodyOf(piece) })),
  });
}

/** A view when the piece is of one part. */
export function bodyOf({ parts }: OtlpPiece): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

function bodyLengthOf({ parts }: OtlpPiece): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function header(name: string, value: string): Header {
  return [encodeUtf8(name), encodeUtf8(value)];
}
