// Numbers on records, and what they leave out, as the official patterns have it. Writers may
// interleave here: each is remembered by itself. Spec: sdk#messages.

import { type AppendRecord, meteredBytes, S2Error } from "@s2kit/client/streamstore";
import { appendRecordOf, type Header } from "@s2kit/core";
import { DedupeFilter as OurFilter } from "../patterns/dedupe-filter.js";
import { readMessageHeaders, writeMessageHeaders } from "../patterns/message-headers.js";

type BytePairs = readonly (readonly [Uint8Array, Uint8Array])[];

/** Who wrote a record and its number, if it has one. */
export function extractDedupeSeq(headers?: BytePairs): [string, number] | undefined {
  const { dedupeSeq, writerId = "" } = readMessageHeaders(headers ?? []);
  return dedupeSeq === undefined ? undefined : [writerId, dedupeSeq];
}

/** Drops records that a writer sent twice. */
export class DedupeFilter {
  readonly #filter = new OurFilter();

  /** True when the record is new; records without a number always are. */
  shouldAccept(headers?: BytePairs): boolean {
    return this.#filter.accepts(readMessageHeaders(headers ?? []));
  }
}

/**
 * Numbers records in place; they become records of bytes.
 *
 * @returns the number that the next record would get
 * @throws {S2Error} when one has a number or a writer already; none is changed then
 */
export function injectDedupeHeaders(
  records: AppendRecord[],
  writerId: string,
  startSeq: number,
): number {
  const plain = records.map((record) => appendRecordOf(record));
  for (const { headers } of plain) {
    const found = readMessageHeaders(headers);
    if (found.dedupeSeq !== undefined || found.writerId !== undefined)
      throw new S2Error({ message: "a record has a reserved header already" });
  }
  for (const [i, { headers, body }] of plain.entries()) {
    const all: readonly Header[] = [
      ...headers,
      ...writeMessageHeaders({ dedupeSeq: startSeq + i, writerId }),
    ];
    const size = meteredBytes({ headers: all, body });
    Object.assign(records[i] as AppendRecord, { headers: all, body, meteredBytes: size });
  }
  return startSeq + records.length;
}
