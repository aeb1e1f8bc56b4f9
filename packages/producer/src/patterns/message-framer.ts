// Cuts messages into records and groups the records into batches. Pure. A message that fits into
// one batch goes in one: a crash then leaves all of it or nothing. Spec: sdk#messages.

import {
  type AppendRecord,
  type Header,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
  requireSafeU64,
  S2Error,
} from "@s2kit/core";
import { refuseReservedHeaders, writeMessageHeaders } from "./message-headers.js";

export interface FramerSettings {
  /** Most payload bytes of one record. */
  readonly chunkSize: number;
  /** Most payload bytes of one message. */
  readonly maxFrameBytes: number;
  /** On every record, so that messages of other writers may come in between. */
  readonly writerId: string;
  /** Numbers every record too, so that readers can drop what a retry wrote twice. */
  readonly isNumbered: boolean;
}

/** What the reserved headers of a record may take beside its payload, with room to spare. */
const HEADER_ROOM_BYTES = 256;
export const MAX_CHUNK_BYTES: number = MAX_BATCH_METERED_BYTES - HEADER_ROOM_BYTES;

export class MessageFramer {
  readonly #settings: FramerSettings;
  #nextDedupeSeq: number;

  constructor(settings: FramerSettings, firstDedupeSeq = 0) {
    this.#settings = settings;
    this.#nextDedupeSeq = firstDedupeSeq;
  }

  /** The number that the next record will get. */
  get dedupeSeq(): number {
    return this.#nextDedupeSeq;
  }

  /**
   * Records of one message, in batches. They hold copies: the payload may be used again at once.
   *
   * @param headers - of the caller, for the first record
   * @throws {S2Error} `INVALID_ARGUMENT` for an empty payload or a reserved header, `FRAME_SIZE`
   *   when the payload is too large; nothing was used up then
   */
  frame(payload: Uint8Array, headers: readonly Header[] = []): AppendRecord[][] {
    const { chunkSize, maxFrameBytes, writerId, isNumbered } = this.#settings;
    if (payload.length === 0)
      throw new S2Error({ code: "INVALID_ARGUMENT", message: "message encodes to nothing" });
    if (payload.length > maxFrameBytes)
      throw new S2Error({
        code: "FRAME_SIZE",
        message: `message must not exceed ${maxFrameBytes} bytes length=${payload.length}`,
      });
    refuseReservedHeaders(headers);
    const count = Math.ceil(payload.length / chunkSize);
    if (isNumbered) requireSafeU64(this.#nextDedupeSeq + count, "dedupeSeq");
    const records: AppendRecord[] = [];
    for (let i = 0; i < count; i++) {
      const isFirst = i === 0;
      const own = writeMessageHeaders({
        frameBytes: isFirst ? payload.length : undefined,
        frameRecords: isFirst ? count : undefined,
        dedupeSeq: isNumbered ? this.#nextDedupeSeq + i : undefined,
        writerId,
      });
      records.push({
        headers: isFirst ? [...headers, ...own] : own,
        // Not `slice`: for a Buffer of Node that is a view.
        body: new Uint8Array(payload.subarray(i * chunkSize, (i + 1) * chunkSize)),
      });
    }
    const batches = inBatches(records);
    this.#nextDedupeSeq += count;
    return batches;
  }
}

function inBatches(records: readonly AppendRecord[]): AppendRecord[][] {
  const batches: AppendRecord[][] = [];
  let open: AppendRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = meteredBytes(record);
    if (size > MAX_BATCH_METERED_BYTES)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `headers leave no room for the payload bytes=${size}`,
      });
    if (open.length >= MAX_BATCH_RECORDS || bytes + size > MAX_BATCH_METERED_BYTES) {
      batches.push(open);
      open = [];
      bytes = 0;
    }
    open.push(record);
    bytes += size;
  }
  batches.push(open);
  return batches;
}
