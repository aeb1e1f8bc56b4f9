// What a run is told, and what of it is checked before the first request: what no request can find
// out must be said together with what its cases need. The command line is main.ts.

import type { Clock, Random } from "@s2kit/core";
import type { Capability } from "../capability.js";
import type { CapabilitySettings } from "./capabilities.js";
import type { KnownFailures } from "./known.js";
import type { CaseResult } from "./report.js";

/** Where the server is, what it is known to have, and which cases to run with how much patience. */
export interface ConformanceOptions {
  /** Address of the server, such as `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  /** Access token; without one no authorization is sent. */
  readonly token?: string | undefined;
  /**
   * What the server has or has not, instead of finding out: true demands it, false skips its cases.
   */
  readonly capabilities?: CapabilitySettings | undefined;
  /** Parent of the host names of basins: `{basin}.{basinZone}`. Default: the server has none. */
  readonly basinZone?: string | undefined;
  /**
   * Makes the server stop gracefully, such as by a signal. With it the last case looks at the end
   * of the server, which then cannot remove the basin of that case. Default: that case is skipped.
   */
  readonly drain?: (() => Promise<void> | void) | undefined;
  /** Begins the names of the basins that the run makes and removes. Default `conformance`. */
  readonly basinPrefix?: string | undefined;
  /** Suites, or cases as `suite/case`; both may end with `*`. Default all. */
  readonly only?: readonly string[] | undefined;
  readonly known?: KnownFailures | undefined;
  /** Cases at a time. Default 8. */
  readonly parallel?: number | undefined;
  /** Longest time of a case, ms. Default 40 000. */
  readonly caseTimeoutMs?: number | undefined;
  /** Longest wait for one answer, ms. Default 15 000. */
  readonly patienceMs?: number | undefined;
  /** Of the random cases. Default: by chance, told in the report. */
  readonly seed?: number | undefined;
  /** Histories of each random case. Default 10. */
  readonly rounds?: number | undefined;
  /** Whether certificates are verified. Default true. */
  readonly verifyTls?: boolean | undefined;
  /** Ends the run early; what it made is removed all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each case. */
  readonly onResult?: ((result: CaseResult, done: number, total: number) => void) | undefined;
  /** Default: those of the system. */
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** @throws {TypeError} when something is demanded without what its cases need */
export function toldBy({
  basinZone,
  drain,
  capabilities = {},
}: ConformanceOptions): Set<Capability> {
  const told = new Set<Capability>();
  if (basinZone !== undefined) told.add("basin-zone");
  else if (capabilities["basin-zone"] === true)
    throw new TypeError("name the zone of the hosts of basins to check them: basinZone");
  if (drain !== undefined) told.add("draining");
  else if (capabilities.draining === true)
    throw new TypeError("say how the server is made to stop to check it: drain");
  return told;
}

export function checkPrefix(prefix = "conformance"): string {
  // A hyphen, eight characters, a hyphen and four digits follow: 48 in all.
  if (!/^[a-z0-9][a-z0-9-]{0,32}$/.test(prefix))
    throw new TypeError("the basin prefix has 1 to 33 of a-z, 0-9, - and begins with no hyphen");
  return prefix;
}
