// What a producer may be told, and the checked record it becomes once.
// Spec: sdk#surface, sdk#producer.
// Limits are checked against the protocol's caps here, so that a batch is never refused later.

import {
  fencingTokenRule,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  requireKnownOptions,
  requireSafeU64,
  S2Error,
} from "@s2kit/core";

/** When a batch is complete, and under which conditions it is appended. */
export interface BatchTransformOptions {
  /** How long the first record of a batch waits for company. Default 5; 0 means one loop turn. */
  readonly lingerDurationMillis?: number | undefined;
  /** 1 to 1000, the default. */
  readonly maxBatchRecords?: number | undefined;
  /** Metered: 8 to 1 MiB, the default. */
  readonly maxBatchBytes?: number | undefined;
  /** Given with every batch. */
  readonly fencingToken?: string | undefined;
  /** Of the first batch; later ones count on from there. */
  readonly matchSeqNum?: number | undefined;
}

/** As of the batches, and how much may be under way. */
export interface ProducerOptions extends BatchTransformOptions {
  /** Metered bytes from submit to acknowledgement; more waits. Default 5 MiB. */
  readonly maxUnackedBytes?: number | undefined;
}

export interface BatchSettings {
  readonly lingerDurationMillis: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly fencingToken: string | undefined;
  readonly matchSeqNum: number | undefined;
}

const KNOWN = [
  "lingerDurationMillis",
  "maxBatchRecords",
  "maxBatchBytes",
  "fencingToken",
  "matchSeqNum",
  "maxUnackedBytes",
];
const MIN_BATCH_BYTES = 8;
const DEFAULT_LINGER_MILLIS = 5;
const DEFAULT_UNACKED_BYTES: number = 5 * 1024 * 1024;

/** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range */
export function resolveBatchSettings(options: BatchTransformOptions): BatchSettings {
  requireKnownOptions(options, KNOWN, "the options of a producer");
  const { fencingToken, matchSeqNum } = options;
  const rule = fencingToken === undefined ? undefined : fencingTokenRule(fencingToken);
  if (rule !== undefined) throw new S2Error({ code: "INVALID_ARGUMENT", message: rule });
  if (matchSeqNum !== undefined) requireSafeU64(matchSeqNum, "matchSeqNum");
  const linger = options.lingerDurationMillis ?? DEFAULT_LINGER_MILLIS;
  if (!Number.isFinite(linger) || linger < 0) throw outOfRange("lingerDurationMillis", linger);
  return Object.freeze({
    lingerDurationMillis: linger,
    maxBatchRecords: bounded(
      "maxBatchRecords",
      options.maxBatchRecords ?? MAX_BATCH_RECORDS,
      1,
      MAX_BATCH_RECORDS,
    ),
    maxBatchBytes: bounded(
      "maxBatchBytes",
      options.maxBatchBytes ?? MAX_BATCH_METERED_BYTES,
      MIN_BATCH_BYTES,
      MAX_BATCH_METERED_BYTES,
    ),
    fencingToken,
    matchSeqNum,
  });
}

/** The bound can hold at least one full batch. @throws {S2Error} `INVALID_ARGUMENT` */
export function resolveUnackedBytes(options: ProducerOptions, settings: BatchSettings): number {
  return bounded(
    "maxUnackedBytes",
    options.maxUnackedBytes ?? DEFAULT_UNACKED_BYTES,
    settings.maxBatchBytes,
    Number.MAX_SAFE_INTEGER,
  );
}

function bounded(option: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw outOfRange(option, value);
  return value;
}

function outOfRange(option: string, value: number): S2Error {
  return new S2Error({
    code: "INVALID_ARGUMENT",
    message: `option is out of range option=${option} value=${value}`,
  });
}
