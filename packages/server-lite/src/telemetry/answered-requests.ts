// Who hears of an answered request: the page of figures always, the log and whoever watches where
// there are some. Spec: control-plane#routes.

import { logRequest, type RequestFacts } from "./request-log.js";
import type { RequestTelemetry } from "./request-telemetry.js";
import type { ServerLogger } from "./server-logger.js";
import { type HasHeaders, requestTeller, type ServerObserver } from "./server-observer.js";

interface Listeners {
  readonly isLogging: boolean;
  readonly logger: ServerLogger;
  readonly observer?: ServerObserver | undefined;
}

export function answeredTo(
  { isLogging, logger, observer }: Listeners,
  requests: RequestTelemetry,
): (facts: RequestFacts, request: HasHeaders) => void {
  const tell = requestTeller(observer);
  return (facts, request) => {
    const { route, status, code, tookMs } = facts;
    requests.answered(route, status, code, tookMs);
    if (isLogging) logRequest(logger, facts);
    tell?.(facts, request);
  };
}
