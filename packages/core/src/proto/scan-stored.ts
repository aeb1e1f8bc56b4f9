// From stored bytes back to an AppendBatch: what `transcode` wrote, as offsets into it, so that it
// is written again as it is. For who copies stores: nothing is decoded, and sealed records stay
// sealed. Rules are not checked, since records that a server took before may break those of today.

import { MAX_BATCH_RECORDS } from "../caps.js";
import {
  AppendBatch,
  ROW_BODY_LENGTH,
  ROW_BODY_START,
  ROW_COLUMNS,
  ROW_HEADERS_END,
  ROW_HEADERS_START,
} from "../record/append-batch.js";
import {
  TAG_BATCH_RECORD,
  TAG_SEQUENCED_BODY,
  TAG_SEQUENCED_HEADER,
  TAG_SEQUENCED_SEQ_NUM,
  TAG_SEQUENCED_TIMESTAMP,
} from "./read-batch.js";
import { malformed, WireReader } from "./wire-reader.js";

/**
 * Fills a batch from the records field of a ReadBatch, as servers store it.
 *
 * @param bytes - borrowed: the batch points into them until the next scan
 * @param meteredBytes - of the batch, as it was metered when it was appended
 * @param batch - filled and returned; give the last one back to avoid its tables
 * @returns with `timestamps`, and without commands, conditions and the metered bytes of each
 *   record: those had their use before
 * @throws {S2Error} `bad_proto` for bytes that no server stores
 */
export function scanStoredBatch(
  bytes: Uint8Array,
  meteredBytes: number,
  batch: AppendBatch = new AppendBatch(),
): AppendBatch {
  batch.reset(bytes);
  const reader = new WireReader(bytes);
  while (!reader.isDone) {
    const { at } = reader;
    if (reader.tag() !== TAG_BATCH_RECORD) throw malformed("not a stored record", at);
    if (batch.count === MAX_BATCH_RECORDS) throw malformed("more records than a batch has", at);
    const outerEnd = reader.enter();
    scanRecord(reader, batch);
    reader.leave(outerEnd);
    batch.count++;
  }
  batch.meteredBytes = meteredBytes;
  return batch;
}

function scanRecord(reader: WireReader, { table, timestamps, count }: AppendBatch): void {
  const row = count * ROW_COLUMNS;
  let timestamp = 0;
  let headersStart = reader.end;
  let headersEnd = reader.end;
  let bodyStart = reader.end;
  let bodyLength = 0;
  let lastTag = 0;
  while (!reader.isDone) {
    const { at } = reader;
    const tag = reader.tag();
    // Side by side and in order, or the run of headers is none.
    if (tag < lastTag) throw malformed("fields of a stored record are out of order", at);
    if (tag === TAG_SEQUENCED_HEADER) {
      if (lastTag !== tag) headersStart = at;
      const length = reader.length();
      reader.at += length;
      headersEnd = reader.at;
    } else if (tag === TAG_SEQUENCED_BODY) {
      bodyLength = reader.length();
      bodyStart = reader.at;
      reader.at += bodyLength;
    } else if (tag === TAG_SEQUENCED_TIMESTAMP) timestamp = reader.exactUint64("timestamp");
    else if (tag === TAG_SEQUENCED_SEQ_NUM) reader.exactUint64("seq_num");
    else throw malformed("not a field of a stored record", at);
    lastTag = tag;
  }
  table[row + ROW_HEADERS_START] = headersStart;
  table[row + ROW_HEADERS_END] = headersEnd;
  table[row + ROW_BODY_START] = bodyStart;
  table[row + ROW_BODY_LENGTH] = bodyLength;
  timestamps[count] = timestamp;
}
