// One run of the benchmark: temporary streams, a writer and a live reader each, then a catch-up
// read, then the streams are deleted. On a failure they are left to delete-on-empty and retention.
// Prints nothing; `onProgress` is called often. Spec: cli#workload.

import { randomUUID } from "node:crypto";
import type { S2, S2Stream } from "@s2kit/client";
import type { StorageClass, StreamConfig } from "@s2kit/core/control";
import { given } from "../values/given.js";
import { catchUp, newReaderState, type ReaderState, startLiveReader } from "./bench-reader.js";
import { newWriterState, runWriter, type WriterState } from "./bench-writer.js";
import { type ChainSource, startChainSource } from "./chain-source.js";
import {
  bodyBytesOf,
  createRecordChecker,
  createRecordMaker,
  type RecordChecker,
  type RecordMaker,
} from "./record-chain.js";
import { mismatch } from "./verification.js";

const PROGRESS_MS = 50;

export interface BenchSettings {
  readonly basin: string;
  readonly storageClass: StorageClass | undefined;
  readonly streams: number;
  readonly recordBytes: number;
  /** Over all streams; undefined: as fast as it goes. */
  readonly bytesPerSec: number | undefined;
  readonly closedLoop: number | undefined;
  readonly durationMs: number;
  readonly catchUpDelayMs: number;
  readonly lingerMs: number;
  readonly maxUnackedBytes: number;
  readonly verifies: boolean;
  readonly keepsStreams: boolean;
}

/** The sum over all streams. */
export interface BenchTotals {
  readonly write: WriterState;
  readonly read: ReaderState;
}

export interface BenchHooks {
  onStreams(names: readonly string[]): void;
  /** The totals are summed up only when they are asked for. */
  onProgress(totals: () => BenchTotals): void;
  onLiveDone(totals: BenchTotals): void;
  onCatchUpWait(delayMs: number): void;
}

export interface BenchComponents {
  readonly client: S2;
  readonly hooks: BenchHooks;
  readonly interrupt: AbortSignal;
}

export interface BenchResult extends BenchTotals {
  /** Undefined after an interrupt, or when nothing was written. */
  readonly catchUp: ReaderState | undefined;
}

interface Lane {
  readonly name: string;
  readonly stream: S2Stream;
  readonly write: WriterState;
  readonly read: ReaderState;
}

export async function runBench(
  settings: BenchSettings,
  components: BenchComponents,
): Promise<BenchResult> {
  const { client, hooks } = components;
  const basin = client.basin(settings.basin);
  const names = Array.from({ length: settings.streams }, () => `bench/${randomUUID()}`);
  hooks.onStreams(names);
  for (const stream of names) await basin.streams.create({ stream, config: configOf(settings) });
  const lanes = names.map(
    (name): Lane => ({
      name,
      stream: basin.stream(name),
      write: newWriterState(),
      read: newReaderState(),
    }),
  );
  const chains = startChainSource(settings.streams);
  let caughtUp: ReaderState | undefined;
  let totals: BenchTotals;
  try {
    await runLanes(lanes, chains, settings, components);
    totals = totalsOf(lanes);
    hooks.onLiveDone(totals);
    caughtUp = await runCatchUp(lanes, chains, settings, components);
  } finally {
    await chains.close();
  }
  if (!settings.keepsStreams)
    for (const stream of names) await basin.streams.delete({ stream, ignoreNotFound: true });
  return { ...totals, catchUp: caughtUp };
}

/** Writers and live readers of all streams; the clock starts when the first hashes are there. */
async function runLanes(
  lanes: readonly Lane[],
  chains: ChainSource,
  settings: BenchSettings,
  { hooks, interrupt }: BenchComponents,
): Promise<void> {
  const { recordBytes } = settings;
  const runs = lanes.map((lane) => {
    const { written, expected } = chains.pair(bodyBytesOf(recordBytes));
    return {
      lane,
      maker: createRecordMaker(recordBytes, written),
      checker: settings.verifies ? createRecordChecker(recordBytes, expected) : undefined,
    };
  });
  for (const { maker } of runs) await maker.ready();
  const progress = setInterval(() => hooks.onProgress(() => totalsOf(lanes)), PROGRESS_MS);
  try {
    const startedAt = performance.now();
    await Promise.all(runs.map((run) => runLane(settings, { ...run, startedAt, interrupt })));
  } finally {
    clearInterval(progress);
  }
}

function configOf({ storageClass }: BenchSettings): StreamConfig {
  return {
    ...given("storageClass", storageClass),
    retentionPolicy: { ageSecs: 3600 },
    timestamping: { mode: "client-require", uncapped: true },
    deleteOnEmpty: { minAgeSecs: 60 },
  };
}

interface LaneComponents {
  readonly lane: Lane;
  readonly maker: RecordMaker;
  readonly checker: RecordChecker | undefined;
  readonly startedAt: number;
  readonly interrupt: AbortSignal;
}

async function runLane(
  settings: BenchSettings,
  { lane, maker, checker, startedAt, interrupt }: LaneComponents,
): Promise<void> {
  const { stream, read, write } = lane;
  const reader = await startLiveReader({ stream, checker, state: read, startedAt });
  const bytesPerSec =
    settings.bytesPerSec === undefined ? undefined : settings.bytesPerSec / settings.streams;
  const writing = runWriter(
    { ...settings, bytesPerSec },
    { stream, maker, state: write, startedAt, interrupt },
  );
  try {
    // A reader that fails must not wait for the writer's deadline, and the other way round.
    await Promise.race([writing, reader.done.then(() => writing)]);
    reader.finishAt(interrupt.aborted ? 0 : write.records);
    await reader.done;
  } finally {
    await reader.cancel();
    await writing.catch(() => {});
  }
  // Records were compared one by one: so many of them are all of them.
  if (!interrupt.aborted && settings.verifies && read.records !== write.records)
    throw mismatch(`live reader saw ${read.records} of ${write.records} records`);
}

async function runCatchUp(
  lanes: readonly Lane[],
  chains: ChainSource,
  settings: BenchSettings,
  { hooks, interrupt }: BenchComponents,
): Promise<ReaderState | undefined> {
  const { recordBytes, verifies } = settings;
  if (interrupt.aborted || lanes.every(({ write }) => write.records === 0)) return undefined;
  hooks.onCatchUpWait(settings.catchUpDelayMs);
  await interruptibleDelay(settings.catchUpDelayMs, interrupt);
  if (interrupt.aborted) return undefined;
  const state = newReaderState();
  await Promise.all(
    lanes.map(async ({ stream, write }) => {
      const own = newReaderState();
      const checker = verifies
        ? createRecordChecker(recordBytes, chains.sequence(bodyBytesOf(recordBytes)))
        : undefined;
      await catchUp({ stream, checker, state: own, interrupt });
      if (own.records !== write.records)
        throw mismatch(`catch-up saw ${own.records} of ${write.records} records`);
      state.records += own.records;
      state.bytes += own.bytes;
      state.elapsedMs = Math.max(state.elapsedMs, own.elapsedMs);
    }),
  );
  return state;
}

function totalsOf(lanes: readonly Lane[]): BenchTotals {
  const write = newWriterState();
  const read = newReaderState();
  for (const lane of lanes) {
    write.ackLatency.merge(lane.write.ackLatency);
    write.intendedLatency.merge(lane.write.intendedLatency);
    read.endToEnd.merge(lane.read.endToEnd);
    for (const [total, own] of [
      [write, lane.write],
      [read, lane.read],
    ] as const) {
      total.records += own.records;
      total.bytes += own.bytes;
      total.elapsedMs = Math.max(total.elapsedMs, own.elapsedMs);
    }
  }
  return { write, read };
}

async function interruptibleDelay(ms: number, interrupt: AbortSignal): Promise<void> {
  if (ms === 0) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    interrupt.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
