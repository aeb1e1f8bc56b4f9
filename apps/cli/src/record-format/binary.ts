// Any bytes, without records of their own: cut into bodies of one size on the way in, joined
// without separator on the way out, so that a file comes back as it was. Headers are not shown and
// command records are hidden, as in `text`. Spec: cli#record-formats.

import { type AppendRecord, isCommandRecord, type SequencedRecord } from "@s2kit/core";
import type { EncodedBatch, RecordFormat } from "./record-format.js";

export const BINARY: RecordFormat = {
  name: "binary",
  async *decode(source, { chunkBytes }) {
    let pending: Uint8Array[] = [];
    let pendingBytes = 0;
    for await (const chunk of source) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes < chunkBytes) continue;
      const bytes = Buffer.concat(pending);
      const records: AppendRecord[] = [];
      let start = 0;
      for (; start + chunkBytes <= bytes.length; start += chunkBytes)
        records.push({ headers: [], body: bytes.subarray(start, start + chunkBytes) });
      pending = start < bytes.length ? [bytes.subarray(start)] : [];
      pendingBytes = bytes.length - start;
      yield records;
    }
    if (pendingBytes > 0) yield [{ headers: [], body: Buffer.concat(pending) }];
  },
  encode(records): EncodedBatch {
    const hidden: SequencedRecord[] = [];
    const bodies: Uint8Array[] = [];
    for (const record of records) {
      if (isCommandRecord(record)) hidden.push(record);
      else bodies.push(record.body);
    }
    return { bytes: Buffer.concat(bodies), hidden };
  },
};
