// What a provider is given, and what it is when it is left out. Checked here, so that no room below
// asks again.

import type { S2Basin } from "@s2kit/client";
import {
  type Clock,
  type Random,
  requireKnownOptions,
  S2Error,
  systemClock,
  systemRandom,
} from "@s2kit/core";
import type { Awareness } from "y-protocols/awareness";

/** Where a document is, and how it is kept. */
export interface YjsProviderComponents {
  /** The token of its client may read and append there; and fence and trim, or nothing compacts. */
  readonly basin: S2Basin;
  /** The stream of the document. Made when it is missing, and then kept for ever. */
  readonly stream: string;
  /** Who is there. Default: one of its own; null: nobody is told. */
  readonly awareness?: Awareness | null | undefined;
  /** The stream of the awareness. Default: that of the document with `/awareness` behind it. */
  readonly awarenessStream?: string | undefined;
  /** Records after which a snapshot takes their place; `Infinity`: never. Default 500. */
  readonly compactAfterRecords?: number | undefined;
  /** Silence after which whoever compacts counts as dead, in ms, at least 100. Default 10 000. */
  readonly leaseDurationMs?: number | undefined;
  /** Told of failures, of records that are none, and of what is missing. Default: nobody is. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Time, for tests. */
  readonly clock?: Clock | undefined;
  /** Chance, for tests. */
  readonly random?: Random | undefined;
}

/** The same with nothing left out. */
export interface ProviderSettings {
  readonly basin: S2Basin;
  readonly stream: string;
  readonly awareness: Awareness | null | undefined;
  readonly awarenessStream: string;
  readonly afterRecords: number;
  readonly leaseMs: number;
  /** Never throws. */
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
}

const KNOWN = [
  "basin",
  "stream",
  "awareness",
  "awarenessStream",
  "compactAfterRecords",
  "leaseDurationMs",
  "onError",
  "clock",
  "random",
];

/** @throws {S2Error} `INVALID_ARGUMENT` */
export function settingsOf(components: YjsProviderComponents): ProviderSettings {
  requireKnownOptions(components, KNOWN, "YjsProviderComponents");
  const { compactAfterRecords = 500, leaseDurationMs = 10_000, stream } = components;
  require(compactAfterRecords >= 1, "compactAfterRecords must be at least 1", compactAfterRecords);
  require(leaseDurationMs >= 100 &&
    Number.isFinite(leaseDurationMs), "leaseDurationMs must be at least 100", leaseDurationMs);
  return {
    basin: components.basin,
    stream,
    awareness: components.awareness,
    awarenessStream: components.awarenessStream ?? `${stream}/awareness`,
    afterRecords: compactAfterRecords,
    leaseMs: leaseDurationMs,
    onError(error) {
      try {
        components.onError?.(error);
      } catch {
        // A listener that fails must not end the document.
      }
    },
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
  };
}

function require(holds: boolean, message: string, value: number): void {
  if (!holds) throw new S2Error({ code: "INVALID_ARGUMENT", message: `${message} value=${value}` });
}
