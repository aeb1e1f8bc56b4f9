// What the faces of all hosts are given, and what it is when it is left out. Settings are checked
// here.

import type { S2Basin } from "@s2kit/client";
import { type Clock, type Random, S2Error } from "@s2kit/core";

/** Where generations are, and how they live. */
export interface GenerationsComponents {
  /** Where the streams are. The token of its client may create, append and read there. */
  readonly basin: S2Basin;
  /** The stream of an id. Default: the id itself. */
  readonly streamOf?: ((id: string) => string) | undefined;
  /** Silence after which a producer counts as dead, in ms, at least 100. Default 5000. */
  readonly leaseDurationMs?: number | undefined;
  /** How long streams that are made here keep their records, in seconds. Default a day. */
  readonly retentionSecs?: number | undefined;
  /** Told of failures of a model and of the store. Default: nobody is. */
  readonly onError?: ((error: unknown, id: string) => void) | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
  /** Chance, for tests. */
  readonly random?: Random | undefined;
}

const DEFAULT_LEASE_MS = 5000;
const MIN_LEASE_MS = 100;
const DEFAULT_RETENTION_SECS = 86_400;

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
export function leaseMsOf({ leaseDurationMs = DEFAULT_LEASE_MS }: GenerationsComponents): number {
  if (leaseDurationMs >= MIN_LEASE_MS && Number.isFinite(leaseDurationMs)) return leaseDurationMs;
  throw new S2Error({
    code: "INVALID_ARGUMENT",
    message: `leaseDurationMs must be at least ${MIN_LEASE_MS} value=${leaseDurationMs}`,
  });
}

export function retentionSecsOf({
  retentionSecs = DEFAULT_RETENTION_SECS,
}: GenerationsComponents): number {
  return retentionSecs;
}
