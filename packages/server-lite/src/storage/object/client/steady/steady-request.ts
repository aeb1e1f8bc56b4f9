// The attempts of one request to a bucket: sent, judged by `steady-rule`, sent again, and a PUT
// beside itself. Called by `steady-store` once the request has its room.

import { type Admission, type Clock, type Random, sleep } from "@s2kit/core";
import { type ObjectStore, ObjectStoreError } from "../object-store.js";
import { hedged } from "./hedge.js";
import type { LatencyWindow } from "./latency-window.js";
import type { ObjectOperation, SteadyHooks } from "./steady-hooks.js";
import { decide, hedgeAfterMs, mayHaveEffect } from "./steady-rule.js";

export interface SteadyComponents {
  readonly clock: Clock;
  readonly random: Random;
  readonly hooks?: SteadyHooks;
}

/** What stores with different deadlines over one bucket share. */
export interface SteadyShared extends SteadyComponents {
  readonly store: ObjectStore;
  readonly putLatency: LatencyWindow;
  readonly puts: Admission;
  readonly gets: Admission;
  readonly others: Admission;
}

export interface SteadyRequest<T> {
  readonly operation: ObjectOperation;
  readonly room: Admission;
  readonly signal: AbortSignal | undefined;
  readonly isHedged?: boolean;
  send(signal: AbortSignal): Promise<T>;
  bytesOf(answer: T | undefined): number;
}

/** When a request ends, whatever becomes of it. */
export interface RequestTime {
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly deadlineMs: number;
  /** Aborts at the deadline, or when the caller says so. */
  readonly end: AbortSignal;
}

/** @throws {ObjectStoreError} when it is given up */
export async function repeated<T>(
  shared: SteadyShared,
  request: SteadyRequest<T>,
  { startedAt, deadlineMs, end }: RequestTime,
): Promise<T> {
  const { clock, random, hooks } = shared;
  const { operation } = request;
  let isOpen = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(shared, request, attempt, end);
    } catch (error) {
      if (!(error instanceof ObjectStoreError)) throw error;
      const { failure, message } = error;
      isOpen ||= mayHaveEffect(failure);
      const elapsedMs = clock.monotonic() - startedAt;
      const failed = { failure, attempt, elapsedMs, deadlineMs };
      const decision = decide(failed, random);
      if (operation === "overwrite" || end.aborted || decision.kind === "giveUp")
        throw givenUp(error, isOpen, attempt, elapsedMs);
      hooks?.retrying?.({ operation, attempt, failure, message, afterMs: decision.afterMs });
      if (!(await sleep(clock, decision.afterMs, end)))
        throw givenUp(error, isOpen, attempt, clock.monotonic() - startedAt);
    }
  }
}

function attemptOnce<T>(
  shared: SteadyShared,
  request: SteadyRequest<T>,
  attempt: number,
  end: AbortSignal,
): Promise<T> {
  const { clock, putLatency, puts } = shared;
  if (request.isHedged !== true) return sendOnce(shared, request, attempt, false, end);
  return hedged({
    clock,
    afterMs: hedgeAfterMs(putLatency.p99Ms),
    room: puts,
    signal: end,
    send: (isHedge, signal) => sendOnce(shared, request, attempt, isHedge, signal),
  });
}

async function sendOnce<T>(
  shared: SteadyShared,
  request: SteadyRequest<T>,
  attempt: number,
  isHedge: boolean,
  signal: AbortSignal,
): Promise<T> {
  const { clock, hooks, putLatency } = shared;
  const { operation } = request;
  const sentAt = clock.monotonic();
  const tell = (answer: T | undefined, error: unknown): void => {
    const latencyMs = clock.monotonic() - sentAt;
    const isAnswer = error === undefined;
    if (operation === "put" && isAnswer) putLatency.note(latencyMs);
    const failure = error instanceof ObjectStoreError ? error.failure : undefined;
    const bytes = request.bytesOf(answer);
    hooks?.attempted?.({ operation, attempt, isHedge, latencyMs, bytes, failure });
  };
  try {
    const answer = await request.send(signal);
    tell(answer, undefined);
    return answer;
  } catch (error) {
    tell(undefined, error);
    throw error;
  }
}

/** An earlier attempt may have had its effect, whatever the last one was told. */
function givenUp(
  last: ObjectStoreError,
  isOpen: boolean,
  attempts: number,
  elapsedMs: number,
): ObjectStoreError {
  if (attempts === 1) return last;
  const message = `given up after ${attempts} attempts in ${(elapsedMs / 1000).toFixed(1)} s: ${last.message}`;
  return new ObjectStoreError(isOpen ? "unknown" : last.failure, message, { cause: last });
}
