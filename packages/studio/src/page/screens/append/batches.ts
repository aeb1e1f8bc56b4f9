// Cuts what is to be appended into records and batches that the server takes: at most 1000 records
// and a part of a MiB each. Pure.

import type { NewRecord } from "../../worker/operations.js";

export type Split = "json" | "lines" | "text";

const MAX_RECORDS = 1000;
const MAX_BATCH_BYTES = 900 * 1024;
const MAX_RECORD_BYTES = 1024 * 1024 - 1024;
const RECORD_OVERHEAD = 8;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** @throws {Error} for a record that is too long */
export function batchesOf(
  input: Uint8Array<ArrayBuffer>,
  split: Split,
  headers: NewRecord["headers"],
): readonly (readonly NewRecord[])[] {
  const bodies = split === "lines" ? linesOf(input) : [input];
  const batches: NewRecord[][] = [];
  let batch: NewRecord[] = [];
  let size = 0;
  for (const body of bodies) {
    if (body.length > MAX_RECORD_BYTES)
      throw new Error(
        `A record holds at most 1 MiB and this one has ${body.length} bytes: choose “a record for each line”, or a smaller file`,
      );
    const metered = body.length + RECORD_OVERHEAD + headers.join().length + 2 * headers.length;
    if (batch.length === MAX_RECORDS || (batch.length > 0 && size + metered > MAX_BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push({ headers, body });
    size += metered;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Lines without their ends; a last line end makes no empty record. */
export function linesOf(input: Uint8Array<ArrayBuffer>): readonly Uint8Array<ArrayBuffer>[] {
  const lines = [];
  for (let at = 0; at < input.length; ) {
    const found = input.indexOf(LINE_FEED, at);
    const end = found === -1 ? input.length : found;
    const isCrLf = end > at && input[end - 1] === CARRIAGE_RETURN;
    lines.push(input.slice(at, isCrLf ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}
