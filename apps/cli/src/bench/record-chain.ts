// Makes the records of the benchmark and checks them on the way back. Bodies are windows of one
// pool of pseudo-random bytes, so that making them costs nothing and nothing compresses.
// Spec: CLI sections 12.2 and 12.4.

import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import { type Random, seededRandom } from "@s2kit/core";
import { CliError } from "../failure.js";
import { type ChainHash, HASH_BYTES, isSameHash } from "./chain-hash.js";

const HASH_HEADER: Uint8Array = Buffer.from("hash");
/** 8 for the record, 2 for the header, 4 for its name, 8 for its value. */
export const RECORD_OVERHEAD_BYTES = 22;
const POOL_BYTES: number = 4 * 1024 * 1024;
const POOL_SEED = 42;
/** Odd and larger than a cache line: windows overlap, but never soon the same ones. */
const POOL_STEP = 4099;

export interface RecordMaker {
  next(timestamp: number): AppendRecord;
}

export function createRecordMaker(recordBytes: number, chain: ChainHash): RecordMaker {
  const pool = randomPool();
  const bodyBytes = recordBytes - RECORD_OVERHEAD_BYTES;
  let offset = 0;
  return {
    next(timestamp) {
      if (offset + bodyBytes > pool.length) offset %= POOL_STEP;
      const body = pool.subarray(offset, offset + bodyBytes);
      offset += POOL_STEP;
      return { timestamp, headers: [[HASH_HEADER, chain.next(body)]], body };
    },
  };
}

export interface RecordChecker {
  readonly seen: number;
  /** @throws {CliError} exit code 9 at the first record that does not fit */
  check(record: SequencedRecord): void;
}

export function createRecordChecker(recordBytes: number, chain: ChainHash): RecordChecker {
  const bodyBytes = recordBytes - RECORD_OVERHEAD_BYTES;
  let seen = 0;
  return {
    get seen() {
      return seen;
    },
    check({ seqNum, headers, body }) {
      if (seqNum !== seen) throw mismatch(`sequence number seqNum=${seqNum} expected=${seen}`);
      if (body.length !== bodyBytes) throw mismatch(`body length seqNum=${seqNum}`);
      const carried = headers.find(([name]) => Buffer.compare(name, HASH_HEADER) === 0)?.[1];
      if (carried?.length !== HASH_BYTES) throw mismatch(`no hash header seqNum=${seqNum}`);
      // The first record has no predecessor to be a duplicate of.
      if (seqNum > 0 && isSameHash(carried, chain.value))
        throw mismatch(`duplicate of the record before seqNum=${seqNum}`);
      if (!isSameHash(carried, chain.next(body))) throw mismatch(`chained hash seqNum=${seqNum}`);
      seen++;
    },
  };
}

export function mismatch(what: string): CliError {
  return new CliError(`Benchmark verification failed: ${what}`, {
    exitCode: 9,
    hint: "is something else writing to this stream?",
  });
}

let sharedPool: Uint8Array | undefined;

function randomPool(): Uint8Array {
  if (sharedPool !== undefined) return sharedPool;
  const random: Random = seededRandom(POOL_SEED);
  const words = new Uint32Array(POOL_BYTES / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.next() * 0x1_0000_0000;
  sharedPool = new Uint8Array(words.buffer);
  return sharedPool;
}
