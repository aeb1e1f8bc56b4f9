// Decides about one append: fence, match, timestamps, and what its command records change. Pure: it
// takes the state and `now`, writes the assigned timestamps into the batch, and returns a decision.
// It knows neither storage nor sessions.
// Spec: data-plane#command-records, data-plane#order-of-checks, data-plane#timestamps.

import {
  err,
  FencingTokenMismatchError,
  MAX_AES_GCM_SEQ_NUM,
  ok,
  type Result,
  type S2Error,
  SeqNumMismatchError,
  type StreamPosition,
} from "@s2kit/core";
import {
  type ResolvedStreamConfig,
  type StreamCipher,
  type TimestampingMode,
} from "@s2kit/core/control";
import { type AppendBatch } from "@s2kit/core/server";
import { invalid } from "../invalid.js";

/** What the stream's writer knows, counting appends that are accepted but not yet durable. */
export interface SequencerState {
  readonly tail: StreamPosition;
  readonly fencingToken: string;
  readonly trimPoint: number;
}

/** The part of a stream's configuration that sequencing obeys. */
export interface SequencerRules {
  readonly mode: TimestampingMode;
  readonly uncapped: boolean;
  /** Highest seqNum that a record other than a command may get; Infinity without a limit. */
  readonly maxOrdinarySeqNum: number;
}

/** An accepted batch. Fields that a batch without commands leaves alone are undefined. */
export interface Sequenced {
  readonly firstSeqNum: number;
  readonly firstTimestamp: number;
  /** The tail behind the batch. */
  readonly tail: StreamPosition;
  readonly fencingToken: string | undefined;
  readonly trimPoint: number | undefined;
}

/**
 * Sequences a scanned batch.
 *
 * @param now - wall clock ms of arrival
 * @returns the decision; on failure the batch's timestamps are meaningless and nothing changed
 */
export function sequence(
  batch: AppendBatch,
  state: SequencerState,
  rules: SequencerRules,
  now: number,
): Result<Sequenced> {
  if (batch.fencingToken !== undefined && batch.fencingToken !== state.fencingToken)
    return err(new FencingTokenMismatchError(state.fencingToken));
  const firstSeqNum = state.tail.seqNum;
  if (batch.matchSeqNum !== undefined && batch.matchSeqNum !== firstSeqNum)
    return err(new SeqNumMismatchError(firstSeqNum));
  const broken =
    exceedsCeiling(batch, firstSeqNum, rules) ?? assignTimestamps(batch, state, rules, now);
  if (broken !== undefined) return err(broken);

  const tail = {
    seqNum: firstSeqNum + batch.count,
    timestamp: batch.timestamps[batch.count - 1] as number,
  };
  const firstTimestamp = batch.timestamps[0] as number;
  if (batch.commands.length === 0)
    return ok({ firstSeqNum, firstTimestamp, tail, fencingToken: undefined, trimPoint: undefined });
  return ok({ firstSeqNum, firstTimestamp, tail, ...applyCommands(batch, state) });
}

/** Ordinary records above the ceiling cannot be encrypted safely; commands are never encrypted. */
function exceedsCeiling(
  batch: AppendBatch,
  firstSeqNum: number,
  rules: SequencerRules,
): S2Error | undefined {
  if (firstSeqNum + batch.count - 1 <= rules.maxOrdinarySeqNum) return undefined;
  const commands = new Set(batch.commands.map(({ index }) => index));
  for (let index = 0; index < batch.count; index++) {
    if (firstSeqNum + index <= rules.maxOrdinarySeqNum || commands.has(index)) continue;
    return invalid(`stream cipher is exhausted: start a new stream seqNum=${firstSeqNum + index}`);
  }
  return undefined;
}

function assignTimestamps(
  batch: AppendBatch,
  state: SequencerState,
  rules: SequencerRules,
  now: number,
): S2Error | undefined {
  const { count, timestamps } = batch;
  let previous = state.tail.timestamp;
  if (rules.mode === "arrival" || (rules.mode === "client-prefer" && !batch.hasClientTimestamps)) {
    timestamps.fill(Math.max(now, previous), 0, count);
    return undefined;
  }
  for (let index = 0; index < count; index++) {
    let timestamp = batch.hasClientTimestamps
      ? (batch.clientTimestamps[index] as number)
      : Number.NaN;
    if (Number.isNaN(timestamp)) {
      if (rules.mode === "client-require")
        return invalid(`record timestamp is required by the stream index=${index}`);
      timestamp = now;
    }
    if (!rules.uncapped && timestamp > now) timestamp = now;
    if (timestamp > Number.MAX_SAFE_INTEGER)
      return invalid(`record timestamp must not exceed 2^53 - 1 index=${index}`);
    if (timestamp < previous) timestamp = previous;
    timestamps[index] = timestamp;
    previous = timestamp;
  }
  return undefined;
}

/** Fences and trims in record order: the last fence wins, the trim point never moves back. */
function applyCommands(
  batch: AppendBatch,
  state: SequencerState,
): Pick<Sequenced, "fencingToken" | "trimPoint"> {
  let fencingToken: string | undefined;
  let { trimPoint } = state;
  for (const { index, command } of batch.commands) {
    if (command.kind === "fence") fencingToken = command.token;
    // A trim may remove its own record, never what follows it.
    else trimPoint = Math.max(trimPoint, Math.min(command.seqNum, state.tail.seqNum + index + 1));
  }
  return { fencingToken, trimPoint: trimPoint === state.trimPoint ? undefined : trimPoint };
}

/**
 * What the configuration of a stream, and its cipher, say about its sequence numbers and stamps.
 */
export function rulesOf(
  config: ResolvedStreamConfig,
  cipher: StreamCipher | undefined,
): SequencerRules {
  return {
    mode: config.timestamping.mode,
    uncapped: config.timestamping.uncapped,
    maxOrdinarySeqNum: cipher === "aes-256-gcm" ? MAX_AES_GCM_SEQ_NUM : Number.POSITIVE_INFINITY,
  };
}
