// The server's way into an AppendInput: one pass over the bytes fills an AppendBatch with offsets
// and facts, and checks every rule of records and batches on the way. No object per record.
//
// The table can only describe canonical messages (fields in order, headers side by side, no unknown
// fields inside a record), which is what every encoder in the field writes. Anything else that is
// legal protobuf is rewritten in that form once, and scanned again.
//
// A format error anywhere outranks a broken rule before it (Spec: data-plane#order-of-checks, step
// 4 before 5), so the first broken rule is kept until the end of the message.

import { MAX_BATCH_METERED_BYTES, MAX_BATCH_RECORDS, MAX_RECORD_METERED_BYTES } from "../caps.js";
import { invalid, S2Error } from "../error.js";
import {
  AppendBatch,
  ROW_BODY_LENGTH,
  ROW_BODY_START,
  ROW_COLUMNS,
  ROW_HEADERS_END,
  ROW_HEADERS_START,
  ROW_METERED,
} from "../record/append-batch.js";
import { type Command, parseCommand } from "../record/command-record.js";
import { fencingTokenRule } from "../record/fencing-token.js";
import { HEADER_METERED_OVERHEAD, RECORD_METERED_OVERHEAD } from "../record/metering.js";
import {
  TAG_INPUT_FENCING_TOKEN,
  TAG_INPUT_MATCH_SEQ_NUM,
  TAG_INPUT_RECORD,
  TAG_RECORD_BODY,
  TAG_RECORD_HEADER,
  TAG_RECORD_TIMESTAMP,
} from "./append-input.js";
import { canonicalAppendInput } from "./canonical-append.js";
import { TAG_HEADER_NAME, TAG_HEADER_VALUE } from "./header.js";
import { WireReader } from "./wire-reader.js";

/**
 * Scans a protobuf AppendInput.
 *
 * @param bytes - borrowed: the batch points into them until the next scan
 * @param batch - filled and returned; give the last one back to avoid its tables
 * @throws {S2Error} `bad_proto` for malformed bytes, `invalid` for a broken record or batch rule
 */
export function scanAppendInput(
  bytes: Uint8Array,
  batch: AppendBatch = new AppendBatch(),
): AppendBatch {
  const scan = new Scan(bytes, batch);
  if (!scan.run()) return scanAppendInput(canonicalAppendInput(bytes), batch);
  scan.finish();
  return batch;
}

class Scan {
  readonly batch: AppendBatch;
  readonly reader: WireReader;
  recordCount = 0;
  broken: S2Error | undefined;
  isCanonical = true;

  // Facts of the record under the cursor.
  headerCount = 0;
  emptyNames = 0;
  metered = 0;
  commandStart = 0;
  commandEnd = 0;

  constructor(bytes: Uint8Array, batch: AppendBatch) {
    batch.reset(bytes);
    this.batch = batch;
    this.reader = new WireReader(bytes);
  }

  /** False when the message is legal but not canonical. */
  run(): boolean {
    const { reader, batch } = this;
    while (!reader.isDone) {
      const tag = reader.tag();
      if (tag === TAG_INPUT_RECORD) this.record();
      else if (tag === TAG_INPUT_MATCH_SEQ_NUM) batch.matchSeqNum = reader.uint64();
      else if (tag === TAG_INPUT_FENCING_TOKEN) batch.fencingToken = reader.string("fencing_token");
      else reader.skip(tag);
    }
    return this.isCanonical;
  }

  /** Batch rules, after all record rules. */
  finish(): void {
    const { batch } = this;
    if (this.broken !== undefined) throw this.broken;
    batch.count = this.recordCount;
    if (batch.count === 0) throw invalid("record batch must not be empty");
    if (batch.count > MAX_BATCH_RECORDS)
      throw invalid(`record batch must not exceed ${MAX_BATCH_RECORDS} records`);
    if (batch.meteredBytes > MAX_BATCH_METERED_BYTES)
      throw invalid(`record batch must not exceed ${MAX_BATCH_METERED_BYTES} metered bytes`);
    if (batch.fencingToken !== undefined) {
      const rule = fencingTokenRule(batch.fencingToken);
      if (rule !== undefined) throw invalid(rule);
    }
  }

  private record(): void {
    const { reader, batch } = this;
    const length = reader.length();
    const outerEnd = reader.end;
    const end = reader.at + length;
    reader.end = end;

    const index = this.recordCount++;
    const isInTable = index < MAX_BATCH_RECORDS;
    this.headerCount = 0;
    this.emptyNames = 0;
    this.metered = RECORD_METERED_OVERHEAD;
    let timestamp = Number.NaN;
    let headersStart = reader.at;
    let headersEnd = reader.at;
    let bodyStart = end;
    let bodyLength = 0;
    let lastTag = 0;

    while (reader.at < end) {
      const fieldStart = reader.at;
      const tag = reader.tag();
      // Tags ascend in canonical order, in one byte each; only headers repeat.
      if (tag < lastTag || (tag === lastTag && tag !== TAG_RECORD_HEADER)) this.isCanonical = false;
      if (reader.at - fieldStart > 1) this.isCanonical = false;
      lastTag = tag;
      if (tag === TAG_RECORD_HEADER) {
        if (this.headerCount === 0) headersStart = fieldStart;
        this.header();
        headersEnd = reader.at;
      } else if (tag === TAG_RECORD_BODY) {
        bodyLength = reader.length();
        bodyStart = reader.at;
        reader.at += bodyLength;
      } else if (tag === TAG_RECORD_TIMESTAMP) timestamp = reader.uint64();
      else {
        this.isCanonical = false;
        reader.skip(tag);
      }
    }
    reader.end = outerEnd;
    this.metered += bodyLength;
    if (!isInTable || !this.isCanonical) return;

    batch.clientTimestamps[index] = timestamp;
    if (timestamp === timestamp) batch.hasClientTimestamps = true;
    const row = index * ROW_COLUMNS;
    const { table } = batch;
    table[row + ROW_HEADERS_START] = headersStart;
    table[row + ROW_HEADERS_END] = headersEnd;
    table[row + ROW_BODY_START] = bodyStart;
    table[row + ROW_BODY_LENGTH] = bodyLength;
    table[row + ROW_METERED] = this.metered;
    batch.meteredBytes += this.metered;
    if (this.emptyNames > 0) this.command(index, bodyStart, bodyStart + bodyLength);
    if (this.metered > MAX_RECORD_METERED_BYTES)
      this.broken ??= invalid(
        `record must not exceed ${MAX_RECORD_METERED_BYTES} metered bytes index=${index}`,
      );
  }

  private header(): void {
    const { reader } = this;
    const length = reader.length();
    const end = reader.at + length;
    const outerEnd = reader.end;
    reader.end = end;
    let nameLength = 0;
    let valueLength = 0;
    let lastTag = 0;
    this.commandStart = end;
    this.commandEnd = end;
    while (reader.at < end) {
      const tag = reader.tag();
      if (tag <= lastTag) this.isCanonical = false;
      lastTag = tag;
      if (tag === TAG_HEADER_NAME) {
        nameLength = reader.length();
        reader.at += nameLength;
      } else if (tag === TAG_HEADER_VALUE) {
        valueLength = reader.length();
        this.commandStart = reader.at;
        reader.at += valueLength;
        this.commandEnd = reader.at;
      } else {
        this.isCanonical = false;
        reader.skip(tag);
      }
    }
    reader.end = outerEnd;
    this.headerCount++;
    if (nameLength === 0) this.emptyNames++;
    this.metered += HEADER_METERED_OVERHEAD + nameLength + valueLength;
  }

  private command(index: number, bodyStart: number, bodyEnd: number): void {
    if (this.headerCount !== 1) {
      this.broken ??= invalid(`invalid header: empty name index=${index}`);
      return;
    }
    const { bytes } = this.reader;
    const command = this.parse(
      bytes.subarray(this.commandStart, this.commandEnd),
      bytes.subarray(bodyStart, bodyEnd),
    );
    if (command !== undefined) this.batch.commands.push({ index, command });
  }

  private parse(name: Uint8Array, body: Uint8Array): Command | undefined {
    try {
      return parseCommand(name, body);
    } catch (error) {
      this.broken ??= S2Error.from(error);
      return undefined;
    }
  }
}
