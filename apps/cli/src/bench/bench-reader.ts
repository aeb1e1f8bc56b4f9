// The readers of the benchmark: one that follows live from the first record and measures how long
// records take from submission to here, and one that catches up afterwards. Both verify every
// record. Spec: cli#workload, cli#measurement, cli#verification.

import type { S2Stream } from "@s2kit/client";
import { batchMeteredBytes } from "@s2kit/core";
import { Latencies } from "./latency.js";
import type { RecordChecker } from "./record-chain.js";

const CATCHUP_LIMIT_MS = 300_000;

export interface ReaderState {
  readonly endToEnd: Latencies;
  records: number;
  bytes: number;
  elapsedMs: number;
}

export function newReaderState(): ReaderState {
  return { endToEnd: new Latencies(), records: 0, bytes: 0, elapsedMs: 0 };
}

export interface LiveReader {
  /** Ends when `wanted` was told and seen; rejects at the first record that does not fit. */
  readonly done: Promise<void>;
  /** The writer is through: so many records are to be seen. */
  finishAt(records: number): void;
  cancel(): Promise<void>;
}

export async function startLiveReader(components: {
  readonly stream: S2Stream;
  readonly checker: RecordChecker | undefined;
  readonly state: ReaderState;
  readonly startedAt: number;
}): Promise<LiveReader> {
  const { stream, checker, state, startedAt } = components;
  const session = await stream.readSession({ start: { from: { seqNum: 0 } } }, { as: "bytes" });
  let wanted = Number.POSITIVE_INFINITY;
  let isCancelled = false;
  const cancel = async (): Promise<void> => {
    isCancelled = true;
    await session.cancel();
  };
  const done = (async () => {
    try {
      for await (const { records } of session.batches()) {
        const nowMs = performance.now() - startedAt;
        if (checker !== undefined) await checker.check(records);
        for (const { timestamp } of records) state.endToEnd.add(nowMs - timestamp / 1000);
        state.records += records.length;
        state.bytes += batchMeteredBytes(records);
        state.elapsedMs = nowMs;
        if (state.records >= wanted) break;
      }
    } catch (error) {
      if (!isCancelled) throw error;
    }
    await session.cancel();
  })();
  return {
    done,
    cancel,
    finishAt(records) {
      wanted = records;
      if (state.records >= wanted) void cancel();
    },
  };
}

/** Reads everything from the start to the tail. */
export async function catchUp(components: {
  readonly stream: S2Stream;
  readonly checker: RecordChecker | undefined;
  readonly state: ReaderState;
  readonly interrupt: AbortSignal;
}): Promise<void> {
  const { stream, checker, state, interrupt } = components;
  const startedAt = performance.now();
  const session = await stream.readSession(
    { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
    { as: "bytes", signal: AbortSignal.any([interrupt, AbortSignal.timeout(CATCHUP_LIMIT_MS)]) },
  );
  for await (const { records } of session.batches()) {
    if (checker !== undefined) await checker.check(records);
    state.records += records.length;
    state.bytes += batchMeteredBytes(records);
    state.elapsedMs = performance.now() - startedAt;
  }
}
