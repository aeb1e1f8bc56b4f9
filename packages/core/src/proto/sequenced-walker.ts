// Walks stored bytes (the records of a ReadBatch) without decoding bodies: seqNum, timestamp,
// metered size and byte range of each record. Readers cut batches by count, bytes and until with
// it. Stored bytes were written by `transcode`, so a malformed one means a damaged store.

import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "../record/metering.js";
import { TAG_HEADER_NAME, TAG_HEADER_VALUE } from "./header.js";
import {
  TAG_BATCH_RECORD,
  TAG_SEQUENCED_BODY,
  TAG_SEQUENCED_HEADER,
  TAG_SEQUENCED_SEQ_NUM,
  TAG_SEQUENCED_TIMESTAMP,
} from "./read-batch.js";
import { malformed, WireReader } from "./wire-reader.js";

/** A cursor over stored records. Call {@link SequencedWalker.next} before reading the facts. */
export class SequencedWalker {
  seqNum = 0;
  timestamp = 0;
  meteredBytes = 0;
  /** Offset of the tag of the current record: a batch may be cut here. */
  start = 0;
  /** Offset behind the current record. */
  end = 0;

  private readonly reader: WireReader;

  constructor(bytes: Uint8Array) {
    this.reader = new WireReader(bytes);
  }

  /** Moves to the next record; false at the end. @throws {S2Error} `bad_proto` on damage */
  next(): boolean {
    const { reader } = this;
    if (reader.isDone) return false;
    this.start = reader.at;
    if (reader.tag() !== TAG_BATCH_RECORD) throw malformed("not a stored record", this.start);
    const outerEnd = reader.enter();
    this.end = reader.end;
    this.seqNum = 0;
    this.timestamp = 0;
    this.meteredBytes = RECORD_METERED_OVERHEAD;
    while (reader.at < this.end) this.field(reader.tag());
    reader.leave(outerEnd);
    return true;
  }

  private field(tag: number): void {
    const { reader } = this;
    if (tag === TAG_SEQUENCED_SEQ_NUM) this.seqNum = reader.exactUint64("seq_num");
    else if (tag === TAG_SEQUENCED_TIMESTAMP) this.timestamp = reader.exactUint64("timestamp");
    else if (tag === TAG_SEQUENCED_BODY) {
      const length = reader.length();
      reader.at += length;
      this.meteredBytes += length;
    } else if (tag === TAG_SEQUENCED_HEADER) this.header();
    else reader.skip(tag);
  }

  private header(): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    this.meteredBytes += HEADER_METERED_OVERHEAD;
    while (!reader.isDone) {
      const tag = reader.tag();
      if (tag !== TAG_HEADER_NAME && tag !== TAG_HEADER_VALUE)
        throw malformed("not a stored header", reader.at);
      const length = reader.length();
      reader.at += length;
      this.meteredBytes += length;
    }
    reader.leave(outerEnd);
  }
}
