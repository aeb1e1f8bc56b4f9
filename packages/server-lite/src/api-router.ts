// The router of one backend, with all that its routes need. Called at each opening: once for a
// store that a node has whole, once for each shard of one that is shared out. Spec:
// control-plane#routes.

import type { Clock } from "@s2kit/core";
import { ROOT_ACCESS } from "./backend/access/access.js";
import type { Backend } from "./backend/backend.js";
import type { DoorComponents } from "./exchange/outside/front-door.js";
import { createRouter, type Router, type RouterComponents } from "./exchange/router.js";
import { OTLP_FAILURES } from "./routes/otlp.js";
import { createRouteTable } from "./routes/route-table.js";
import type { Sessions } from "./session/sessions.js";
import type { ResolvedSettings } from "./settings.js";
import type { ServerLogger } from "./telemetry/server-logger.js";
import type { ServerTelemetry } from "./telemetry/server-page.js";

export interface ApiRouterComponents
  extends DoorComponents,
    Pick<RouterComponents, "isDraining" | "onAnswered"> {
  readonly backend: Backend;
  readonly sessions: Sessions;
  readonly telemetry: ServerTelemetry;
  readonly clock: Clock;
  readonly logger: ServerLogger;
}

export function createApiRouter(
  { auth, basinZone, otlpDefaultStream }: ResolvedSettings,
  components: ApiRouterComponents,
): Router {
  const { backend, clock, logger, telemetry } = components;
  const { accessTokens } = backend;
  const onUnexpected = (error: unknown): void =>
    logger.error({ err: error }, "request failed unexpectedly");
  return createRouter({
    ...components,
    authenticate: auth ? byTokens(accessTokens) : () => ROOT_ACCESS,
    requireInForce: (access) => {
      if (auth) accessTokens.requireInForce(access);
    },
    basinZone,
    handlers: createRouteTable({
      backend,
      clock,
      sessions: components.sessions.of(auth ? accessTokens : undefined, clock),
      onUnexpected,
      otlp: { telemetry: telemetry.otlp, defaultStream: otlpDefaultStream },
      onFailed: ({ code }) => telemetry.requests.failed(code),
    }),
    failures: OTLP_FAILURES,
    onUnexpected,
  });
}

function byTokens(tokens: Backend["accessTokens"]): RouterComponents["authenticate"] {
  return (exchange, ticket, asked) => {
    asked.noteAccount();
    if (ticket !== undefined) return tokens.tickets.authenticate(ticket);
    return tokens.authenticate(exchange.header("authorization"));
  };
}
