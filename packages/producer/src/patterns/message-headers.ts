// The headers by which records tell which message they belong to. Values are 8 bytes, big-endian;
// the names are shared with other libraries of the field. Spec: sdk#messages.

import { decodeUtf8, encodeUtf8, type Header, isSafeU64, S2Error } from "@s2kit/core";

/** Payload bytes of the whole message; on its first record. */
export const FRAME_BYTES = "_frame_bytes";
/** Records of the whole message; on its first record. */
export const FRAME_RECORDS = "_frame_records";
/** Grows with every record of a writer, gaps allowed; within a message it rises by one. */
export const DEDUPE_SEQ = "_dedupe_seq";
/** Tells writers apart. */
export const WRITER_ID = "_writer_id";

const RESERVED: ReadonlySet<string> = new Set([FRAME_BYTES, FRAME_RECORDS, DEDUPE_SEQ, WRITER_ID]);
const U64_BYTES = 8;
/** Ids are kept for every writer that was heard, so their size is bounded too. */
export const MAX_WRITER_ID_BYTES = 128;

/** What the headers of a record say about its message. */
export interface MessageHeaders {
  readonly frameBytes?: number | undefined;
  readonly frameRecords?: number | undefined;
  readonly dedupeSeq?: number | undefined;
  readonly writerId?: string | undefined;
}

/** The name of a writer as a key; writers without one are one writer. */
export function writerKey({ writerId = "" }: MessageHeaders): string {
  return writerId;
}

/** True for a record that says by itself that it is part of a message. */
export function isMarked({ dedupeSeq, writerId }: MessageHeaders): boolean {
  return dedupeSeq !== undefined || writerId !== undefined;
}

export function writeMessageHeaders(headers: MessageHeaders): Header[] {
  const written: Header[] = [];
  const number = (name: string, value: number | undefined): void => {
    if (value !== undefined) written.push([encodeUtf8(name), encodeU64(value)]);
  };
  number(FRAME_BYTES, headers.frameBytes);
  number(FRAME_RECORDS, headers.frameRecords);
  number(DEDUPE_SEQ, headers.dedupeSeq);
  if (headers.writerId !== undefined)
    written.push([encodeUtf8(WRITER_ID), encodeUtf8(headers.writerId)]);
  return written;
}

/**
 * @throws {S2Error} `PROTOCOL_ERROR` for a number that is not 8 bytes, or an id that cannot be one
 */
export function readMessageHeaders(headers: readonly Header[]): MessageHeaders {
  const found = new Map<string, Uint8Array>();
  for (const [name, value] of headers) {
    const text = decodeUtf8(name);
    if (text !== undefined && RESERVED.has(text)) found.set(text, value);
  }
  const number = (name: string): number | undefined => {
    const value = found.get(name);
    return value === undefined ? undefined : decodeU64(name, value);
  };
  const writer = found.get(WRITER_ID);
  return {
    frameBytes: number(FRAME_BYTES),
    frameRecords: number(FRAME_RECORDS),
    dedupeSeq: number(DEDUPE_SEQ),
    writerId: writer === undefined ? undefined : decodeWriterId(writer),
  };
}

/** @throws {S2Error} `INVALID_ARGUMENT` when a caller's header has a reserved name */
export function refuseReservedHeaders(headers: readonly Header[]): void {
  for (const [name] of headers) {
    const text = decodeUtf8(name);
    if (text !== undefined && RESERVED.has(text))
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `header name is reserved name=${text}`,
      });
  }
}

/** Ids that are not read alike by all would put two writers together. */
function decodeWriterId(bytes: Uint8Array): string {
  const text = bytes.length > MAX_WRITER_ID_BYTES ? undefined : decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new S2Error({
    code: "PROTOCOL_ERROR",
    message: `header must be UTF-8 of at most ${MAX_WRITER_ID_BYTES} bytes name=${WRITER_ID} length=${bytes.length}`,
  });
}

function encodeU64(value: number): Uint8Array {
  const bytes = new Uint8Array(U64_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function decodeU64(name: string, bytes: Uint8Array): number {
  if (bytes.length === U64_BYTES) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, U64_BYTES);
    const value = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
    if (isSafeU64(value)) return value;
  }
  throw new S2Error({
    code: "PROTOCOL_ERROR",
    message: `header must be an integer of ${U64_BYTES} bytes name=${name} length=${bytes.length}`,
  });
}
