// The writer of one stream. Two ways: paced (or unlimited) through a producer, where the time of
// each record waits in a queue until its acknowledgement comes; or closed loop, where each of a few
// workers has one record outstanding. Latency counts from the submission and, when there is a pace,
// also from the moment the record was due: a stall then shows in full. Spec: cli#measurement.

import { AppendInput, type S2Stream } from "@s2kit/client";
import { Producer } from "@s2kit/producer";
import { Latencies } from "./latency.js";
import { createPace } from "./pace.js";
import type { RecordMaker } from "./record-chain.js";
import { Submissions } from "./submissions.js";

export interface WriterSettings {
  readonly recordBytes: number;
  readonly durationMs: number;
  /** For this stream; undefined: as fast as it goes. */
  readonly bytesPerSec: number | undefined;
  /** Records outstanding in closed loop; undefined: through the producer. */
  readonly closedLoop: number | undefined;
  readonly lingerMs: number;
  readonly maxUnackedBytes: number;
}

export interface WriterState {
  readonly ackLatency: Latencies;
  /** From when a record was due; only with a pace. */
  readonly intendedLatency: Latencies;
  records: number;
  bytes: number;
  /** Since the start, draining included. */
  elapsedMs: number;
}

export function newWriterState(): WriterState {
  return {
    ackLatency: new Latencies(),
    intendedLatency: new Latencies(),
    records: 0,
    bytes: 0,
    elapsedMs: 0,
  };
}

export interface WriterComponents {
  readonly stream: S2Stream;
  readonly maker: RecordMaker;
  readonly state: WriterState;
  /** `performance.now()` of the run; timestamps are µs since then. */
  readonly startedAt: number;
  readonly interrupt: AbortSignal;
}

export async function runWriter(
  settings: WriterSettings,
  components: WriterComponents,
): Promise<void> {
  if (settings.closedLoop === undefined) await runPaced(settings, components);
  else await runClosedLoop(settings, components, settings.closedLoop);
  components.state.elapsedMs = performance.now() - components.startedAt;
}

async function runPaced(
  settings: WriterSettings,
  { stream, maker, state, startedAt, interrupt }: WriterComponents,
): Promise<void> {
  const session = await stream.appendSession({ maxInflightBytes: settings.maxUnackedBytes });
  const producer = new Producer(session, {
    lingerDurationMillis: settings.lingerMs,
    maxUnackedBytes: settings.maxUnackedBytes,
  });
  const waiting = new Submissions();
  const acks = (async () => {
    for await (const { start, end } of session.acks())
      settle(waiting, end.seqNum - start.seqNum, settings, { state, startedAt });
  })();
  const pace = createPace(settings.bytesPerSec);
  const failed = acks.then(
    () => false,
    () => true,
  );
  try {
    for (;;) {
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs >= settings.durationMs || interrupt.aborted) break;
      const dueMs = pace.dueAtMs();
      if (dueMs > elapsedMs) {
        await pause(Math.min(dueMs, settings.durationMs) - elapsedMs);
        continue;
      }
      const record = maker.next(Math.round(elapsedMs * 1000));
      if (record === undefined) {
        await maker.ready();
        continue;
      }
      await producer.submit(record);
      waiting.push(performance.now() - startedAt, dueMs);
      pace.submitted(settings.recordBytes);
    }
  } finally {
    await producer.close();
  }
  if (await failed) await acks;
}

function settle(
  waiting: Submissions,
  records: number,
  settings: WriterSettings,
  { state, startedAt }: Pick<WriterComponents, "state" | "startedAt">,
): void {
  const nowMs = performance.now() - startedAt;
  waiting.settle(records, (atMs, dueMs) => {
    state.ackLatency.add(nowMs - atMs);
    if (settings.bytesPerSec !== undefined) state.intendedLatency.add(nowMs - dueMs);
  });
  state.records += records;
  state.bytes += records * settings.recordBytes;
  state.elapsedMs = nowMs;
}

/** Workers take turns to make a record, so that the chain follows the order of submission. */
async function runClosedLoop(
  settings: WriterSettings,
  { stream, maker, state, startedAt, interrupt }: WriterComponents,
  workers: number,
): Promise<void> {
  const session = await stream.appendSession({ maxInflightBytes: settings.maxUnackedBytes });
  const work = async (): Promise<void> => {
    for (;;) {
      const atMs = performance.now() - startedAt;
      if (atMs >= settings.durationMs || interrupt.aborted) return;
      const record = maker.next(Math.round(atMs * 1000));
      if (record === undefined) {
        await maker.ready();
        continue;
      }
      const ticket = await session.submit(AppendInput.create([record]));
      await ticket.ack();
      state.elapsedMs = performance.now() - startedAt;
      state.ackLatency.add(state.elapsedMs - atMs);
      state.records++;
      state.bytes += settings.recordBytes;
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await session.close();
  }
}

/** Short waits by turns of the event loop: timers are late by a millisecond. */
async function pause(ms: number): Promise<void> {
  if (ms > 2) await new Promise((resolve) => setTimeout(resolve, ms - 1));
  else await new Promise((resolve) => setImmediate(resolve));
}
