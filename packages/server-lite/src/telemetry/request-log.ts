// One line per request: what was asked, by which token, how it ended and how long it took. Never a
// header, a query or a body: those hold secrets and data. A session logs its start.

import type { ErrorCode } from "@s2kit/core";
import { isHealthPath } from "./health.js";
import type { RouteLabel } from "./request-telemetry.js";
import type { ServerLogger } from "./server-logger.js";

/** What is known of a request once it is answered. Times in ms. */
export interface RequestFacts {
  /** What was asked for, as it is counted. */
  readonly route: RouteLabel;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly basin: string | undefined;
  /** Id of the token, never the token. */
  readonly tokenId: string | undefined;
  readonly status: number;
  readonly code: ErrorCode | undefined;
  readonly tookMs: number;
}

/** Longest path that a line repeats. */
const MAX_PATH_CHARS = 1024;

/** Probes that find everything well say nothing: they would be most lines of a quiet server. */
export function logRequest(logger: ServerLogger, facts: RequestFacts): void {
  if (facts.status < 400 && isHealthPath(facts.path)) return;
  // The path says it.
  const { route: _, ...told } = facts;
  const fields = {
    ...told,
    path: facts.path.slice(0, MAX_PATH_CHARS),
    tookMs: Math.round(facts.tookMs * 100) / 100,
  };
  if (facts.status >= 500) logger.warn(fields, "request failed");
  else logger.info(fields, "request");
}
