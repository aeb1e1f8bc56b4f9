// What is counted about every request, and about the ends of sessions: by route, status and code of
// the failure. Labels come from closed sets, whatever clients send. The router tells it; the
// Prometheus page shows it. Spec: control-plane#routes, control-plane#error-codes.

import { type ErrorCode, ROUTES, type RouteName, SERVER_ERROR_CODES } from "@s2kit/core";
import { Distribution } from "./distribution.js";
import type { LabelledValue } from "./figure.js";
import { isHealthPath } from "./health.js";

/** A route of the API, or what else was asked for. */
export type RouteLabel = RouteName | "health" | "metrics" | "other" | "preflight" | "studio";

/** The route of the API, if it is one. */
export function routeOf(label: RouteLabel): RouteName | undefined {
  return OUTSIDE.includes(label) ? undefined : (label as RouteName);
}

const OUTSIDE: readonly RouteLabel[] = ["health", "metrics", "other", "preflight", "studio"];
const ROUTE_LABELS: readonly RouteLabel[] = [
  ...(Object.keys(ROUTES) as RouteName[]).sort(),
  ...OUTSIDE,
];

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How a request outside the API is counted. */
export function outsideLabel(request: {
  readonly method: string;
  readonly path: string;
}): RouteLabel {
  const { method, path } = request;
  if (method === "OPTIONS") return "preflight";
  if (isHealthPath(path)) return "health";
  return path === "/metrics" ? "metrics" : "studio";
}

interface Requests {
  readonly seconds: Distribution;
  /** How many had which status. */
  readonly statuses: Map<number, number>;
}

export class RequestTelemetry {
  private readonly routes: ReadonlyMap<RouteLabel, Requests> = new Map(
    ROUTE_LABELS.map((route) => [
      route,
      { seconds: new Distribution(SECONDS), statuses: new Map<number, number>() },
    ]),
  );
  /** From zero on: a rate needs a value from before the first failure. */
  private readonly failures = new Map<string, number>(SERVER_ERROR_CODES.map((code) => [code, 0]));

  /**
   * A request was answered; a session, when it was opened.
   *
   * @param code - of its failure; undefined for none
   */
  answered(route: RouteLabel, status: number, code: ErrorCode | undefined, tookMs: number): void {
    const requests = this.routes.get(route);
    if (requests === undefined) return;
    requests.seconds.observe(tookMs / 1000);
    requests.statuses.set(status, (requests.statuses.get(status) ?? 0) + 1);
    if (code !== undefined) this.failed(code);
  }

  /** A session that was open told its client a failure. */
  failed(code: ErrorCode): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  /** Routes that nobody asked for are left out. */
  *counts(): IterableIterator<LabelledValue> {
    for (const [route, { statuses }] of this.routes)
      for (const [status, count] of statuses) yield [[route, String(status)], count];
  }

  *durations(): IterableIterator<readonly [readonly string[], Distribution]> {
    for (const [route, { seconds, statuses }] of this.routes)
      if (statuses.size > 0) yield [[route], seconds];
  }

  *errors(): IterableIterator<LabelledValue> {
    for (const [code, count] of this.failures) yield [[code], count];
  }
}
