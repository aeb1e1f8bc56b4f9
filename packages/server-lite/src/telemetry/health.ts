// What a server says about itself to those who start, stop and route to it. Pure.
// Spec: control-plane#routes.

export interface Health {
  readonly status: 200 | 503;
  readonly text: string;
}

export interface HealthFacts {
  readonly isDraining: boolean;
  /** Why the store is unusable; undefined while it works. */
  readonly unhealthy: string | undefined;
  /** Why its answers may be old, so that reads are refused for now; undefined while they count. */
  readonly stale?: string | undefined;
}

/** Paths that probes ask, every few seconds and for ever. */
const HEALTH_PATHS: ReadonlySet<string> = new Set([
  "/health",
  "/health/live",
  "/health/ready",
  "/ping",
]);

export function isHealthPath(path: string): boolean {
  return HEALTH_PATHS.has(path);
}

/**
 * The answer of a health path; undefined for other paths. `/health` and its alias `/ping` tell
 * whether to send requests here, `/health/live` whether to restart the process.
 */
export function healthOf(path: string, facts: HealthFacts): Health | undefined {
  switch (path) {
    case "/health":
    case "/health/ready":
    case "/ping":
      return healthFrom(
        facts.unhealthy ?? (facts.isDraining ? "draining" : undefined) ?? facts.stale,
      );
    case "/health/live":
      return healthFrom(facts.unhealthy);
    default:
      return undefined;
  }
}

function healthFrom(reason: string | undefined): Health {
  return reason === undefined ? { status: 200, text: "OK" } : { status: 503, text: reason };
}
