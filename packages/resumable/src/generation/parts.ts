// Chunks as records: one each, and those that no record can hold in parts. All parts but the last
// carry a header; what ends a generation, or takes it over, ends parts that were left. Pure.

import { AppendRecord, type ReadRecord } from "@s2kit/client";
import { decodeUtf8Lossy, S2Error } from "@s2kit/core";
import { fenceOf, isCommand } from "./marks.js";

/** Bytes of a chunk that is one record, as the official package writes it. */
const MAX_WHOLE_BYTES: number = 512 * 1024;
/** Bytes of each of several parts. */
const PART_BYTES: number = 256 * 1024;
/** Bytes of a chunk: what a reader holds at most before it can give it on. */
export const MAX_CHUNK_BYTES: number = 16 * 1024 * 1024;

const MORE = "s2kit-more";

/**
 * The records of one chunk.
 *
 * @throws {S2Error} `invalid` when it exceeds {@link MAX_CHUNK_BYTES}
 */
export function recordsOf(chunk: Uint8Array): AppendRecord[] {
  if (chunk.length <= MAX_WHOLE_BYTES) return [AppendRecord.bytes({ body: chunk })];
  requireChunk(chunk);
  const records: AppendRecord[] = [];
  for (let at = 0; at < chunk.length; ) {
    const end = borderAt(chunk, at + PART_BYTES);
    const headers = end < chunk.length ? ([[MORE, "1"]] as const) : [];
    records.push(AppendRecord.bytes({ body: chunk.subarray(at, end), headers }));
    at = end;
  }
  return records;
}

/** @throws {S2Error} `invalid` when it exceeds {@link MAX_CHUNK_BYTES} */
export function requireChunk({ length }: Uint8Array): void {
  if (length <= MAX_CHUNK_BYTES) return;
  throw new S2Error({
    code: "invalid",
    message: `a chunk must not exceed ${MAX_CHUNK_BYTES} bytes bytes=${length}`,
  });
}

/** Parts of text are text: no part begins within a character. */
function borderAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length;
  for (let back = 0; back < 4; back++)
    if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  return at;
}

/** Makes chunks of records again, in order. */
export class Joining {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The chunk that is whole with this record; undefined for commands and for parts. */
  push(record: ReadRecord<"bytes">): Uint8Array | undefined {
    if (isCommand(record)) return this.#skip(record);
    const [header] = record.headers;
    const hasMore = header !== undefined && decodeUtf8Lossy(header[0]) === MORE;
    if (!hasMore && this.#parts.length === 0) return record.body;
    this.#parts.push(record.body.slice());
    this.#bytes += record.body.length;
    // Whoever wrote that is none of us.
    if (this.#bytes > MAX_CHUNK_BYTES) this.#clear();
    return hasMore ? undefined : this.#take();
  }

  #skip(record: ReadRecord<"bytes">): undefined {
    // A producer died between its parts: who took over says all of his own.
    if (fenceOf(record) !== undefined) this.#clear();
    return undefined;
  }

  #take(): Uint8Array {
    const chunk = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      chunk.set(part, at);
      at += part.length;
    }
    this.#clear();
    return chunk;
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}
