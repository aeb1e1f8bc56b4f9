// Makes the records of the benchmark and checks them on the way back. A record is right when its
// body is, byte for byte, the one that stands at its place, and its header the chained hash of all
// bodies up to it: together that is what recomputing the hash would prove, and each byte is looked
// at once. Spec: cli#workload, cli#verification.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import { HASH_BYTES, isSameHash } from "./chain-hash.js";
import type { HashSequence } from "./chain-source.js";
import { createBodyWindows } from "./record-body.js";
import { mismatch } from "./verification.js";

const HASH_HEADER: Uint8Array = Buffer.from("hash");
/** 8 for the record, 2 for the header, 4 for its name, 8 for its value. */
const RECORD_OVERHEAD_BYTES = 22;

export function bodyBytesOf(recordBytes: number): number {
  return recordBytes - RECORD_OVERHEAD_BYTES;
}

export interface RecordMaker {
  /** Undefined while the hash of the next record is not there: wait for `ready`. */
  next(timestamp: number): AppendRecord | undefined;
  ready(): Promise<void>;
}

export function createRecordMaker(recordBytes: number, hashes: HashSequence): RecordMaker {
  const bodyBytes = bodyBytesOf(recordBytes);
  const windows = createBodyWindows(bodyBytes);
  return {
    next(timestamp) {
      const hash = hashes.next();
      if (hash === undefined) return undefined;
      const start = windows.next();
      const body = windows.pool.subarray(start, start + bodyBytes);
      return { timestamp, headers: [[HASH_HEADER, hash]], body };
    },
    ready: () => hashes.ready(),
  };
}

export interface RecordChecker {
  readonly seen: number;
  /** @throws {CliError} exit code 9 at the first record that does not fit */
  check(records: readonly SequencedRecord[]): Promise<void>;
}

export function createRecordChecker(recordBytes: number, hashes: HashSequence): RecordChecker {
  const bodyBytes = bodyBytesOf(recordBytes);
  const windows = createBodyWindows(bodyBytes);
  let seen = 0;
  let previous: Uint8Array | undefined;
  const checkOne = (record: SequencedRecord, expected: Uint8Array): void => {
    const { seqNum, body } = record;
    if (seqNum !== seen) throw mismatch(`sequence number seqNum=${seqNum} expected=${seen}`);
    if (body.length !== bodyBytes) throw mismatch(`body length seqNum=${seqNum}`);
    const carried = hashHeaderOf(record);
    if (carried?.length !== HASH_BYTES) throw mismatch(`no hash header seqNum=${seqNum}`);
    if (!isSameHash(carried, expected)) {
      // The first record has no predecessor to be a duplicate of.
      const isDuplicate = previous !== undefined && isSameHash(carried, previous);
      throw mismatch(
        `${isDuplicate ? "duplicate of the record before" : "chained hash"} seqNum=${seqNum}`,
      );
    }
    const start = windows.next();
    if (windows.pool.compare(body, 0, bodyBytes, start, start + bodyBytes) !== 0)
      throw mismatch(`body seqNum=${seqNum}`);
    previous = expected;
    seen++;
  };
  return {
    get seen() {
      return seen;
    },
    async check(records) {
      for (const record of records) {
        let expected = hashes.next();
        while (expected === undefined) {
          await hashes.ready();
          expected = hashes.next();
        }
        checkOne(record, expected);
      }
    },
  };
}

/** A loop and no closure: this runs for every record. */
function hashHeaderOf({ headers }: SequencedRecord): Uint8Array | undefined {
  for (const [name, value] of headers)
    if (
      name.length === 4 &&
      name[0] === HASH_HEADER[0] &&
      name[1] === HASH_HEADER[1] &&
      name[2] === HASH_HEADER[2] &&
      name[3] === HASH_HEADER[3]
    )
      return value;
  return undefined;
}
