// Takes the JSON of an append straight to its protobuf message: no value per record or header, so
// neither memory nor one turn grows with what a hostile body holds. As strict as `JSON.parse` with
// `appendInputFromJson`, field by field, except that it sees integers as they are written. Which
// fault is reported when there are several is the same too: broken JSON first, then the number of
// records, then the first of them. Spec: data-plane#body, data-plane#order-of-checks.

import { MAX_BATCH_RECORDS } from "../caps.js";
import { S2Error } from "../error.js";
import { TAG_INPUT_FENCING_TOKEN, TAG_INPUT_MATCH_SEQ_NUM } from "../proto/append-input.js";
import { GrowingBytes } from "../proto/growing-bytes.js";
import { lengthFieldSize, varintSize, writeBytesField, writeVarint } from "../proto/wire-writer.js";
import { fencingTokenRule } from "../record/fencing-token.js";
import type { RecordFormat } from "../record/headers.js";
import { encodeUtf8 } from "../text/utf8.js";
import { checkUtf8 } from "./check-utf8.js";
import { OPEN_ARRAY, OPEN_OBJECT } from "./json-bytes.js";
import { JsonCursor, type Walk } from "./json-cursor.js";
import { type Outcome, stringAt, uint64At } from "./json-values.js";
import { RecordDecoder } from "./record-decoder.js";
import { badJson } from "./shape.js";

const BOM = [0xef, 0xbb, 0xbf] as const;

/**
 * Decodes in steps: run it to its end, with a turn for others at each yield.
 *
 * @param bytes - borrowed until the end
 * @returns the protobuf AppendInput
 * @throws {S2Error} `bad_json` for malformed JSON and wrong shapes, `invalid` for bad base64 and
 *   for more records than a batch may have
 */
export function decodeAppendJson(bytes: Uint8Array, format: RecordFormat): Walk<Uint8Array> {
  return new AppendDecoder(bytes, format).document();
}

class AppendDecoder {
  private readonly cursor: JsonCursor;
  private readonly record: RecordDecoder;
  private readonly out = new GrowingBytes();
  private recordCount = 0;
  private hasRecords = false;
  private firstFault: S2Error | undefined = undefined;
  private fencingToken: Outcome<string | undefined> = undefined;
  private matchSeqNum: Outcome<number | undefined> = undefined;

  constructor(bytes: Uint8Array, format: RecordFormat) {
    this.cursor = new JsonCursor(bytes);
    this.record = new RecordDecoder(this.cursor, format);
  }

  *document(): Walk<Uint8Array> {
    const { cursor } = this;
    yield* checkUtf8(cursor.bytes);
    // A mark of byte order is no JSON, but editors write one: it is skipped, once.
    if (BOM.every((byte, index) => cursor.bytes[index] === byte)) cursor.at = BOM.length;
    if (cursor.peek() !== OPEN_OBJECT) {
      yield* cursor.skip();
      cursor.end();
      throw badJson("expected an object field=body");
    }
    for (let isMember = cursor.firstKey(); isMember; isMember = cursor.nextKey()) {
      if (cursor.isPausing) yield;
      if (cursor.isText("records")) yield* this.records();
      else if (cursor.isText("fencing_token"))
        this.fencingToken = yield* stringAt(cursor, "fencing_token");
      else if (cursor.isText("match_seq_num"))
        this.matchSeqNum = yield* uint64At(cursor, () => "match_seq_num");
      else yield* cursor.skip();
    }
    cursor.end();
    return this.message();
  }

  /** The last of two equal keys counts, as everywhere in JSON. */
  private *records(): Walk {
    const { cursor, out } = this;
    out.length = 0;
    this.recordCount = 0;
    this.firstFault = undefined;
    this.hasRecords = cursor.peek() === OPEN_ARRAY;
    if (!this.hasRecords) {
      yield* cursor.skip();
      return;
    }
    for (let isElement = cursor.firstElement(); isElement; isElement = cursor.nextElement()) {
      if (cursor.isPausing) yield;
      const index = this.recordCount++;
      if (this.firstFault !== undefined || index >= MAX_BATCH_RECORDS) yield* cursor.skip();
      else this.firstFault = yield* this.record.decode(index, out);
    }
  }

  private message(): Uint8Array {
    const { out } = this;
    if (!this.hasRecords) throw badJson("expected an array field=records");
    if (this.recordCount > MAX_BATCH_RECORDS)
      throw new S2Error({
        code: "invalid",
        message: `record batch must not exceed ${MAX_BATCH_RECORDS} records`,
      });
    if (this.firstFault !== undefined) throw this.firstFault;
    const fencingToken = known(this.fencingToken);
    const rule = fencingToken === undefined ? undefined : fencingTokenRule(fencingToken);
    if (rule !== undefined) throw badJson(rule);
    const matchSeqNum = known(this.matchSeqNum);
    if (matchSeqNum !== undefined) {
      const room = out.reserve(1 + varintSize(matchSeqNum));
      room[out.length] = TAG_INPUT_MATCH_SEQ_NUM;
      out.length = writeVarint(room, out.length + 1, matchSeqNum);
    }
    if (fencingToken !== undefined) {
      const token = encodeUtf8(fencingToken);
      const room = out.reserve(lengthFieldSize(token.length));
      out.length = writeBytesField(room, out.length, TAG_INPUT_FENCING_TOKEN, token);
    }
    return out.written();
  }
}

function known<T>(outcome: Outcome<T>): T {
  if (outcome instanceof S2Error) throw outcome;
  return outcome;
}
