// The handler of every route of core's table. The type makes the table complete: a
// route that is added to core does not compile before it is answered here.

import type { RouteName } from "@s2kit/core";
import type { RouteHandler } from "../exchange/router.js";
import { Turns } from "../exchange/turns.js";
import { accessTokenRoutes } from "./access-tokens.js";
import { appendRoute } from "./append.js";
import { basinRoutes } from "./basins.js";
import { checkTailRoute } from "./check-tail.js";
import { locationRoutes } from "./locations.js";
import { metricsRoutes } from "./metrics.js";
import { type OtlpRoutesComponents, otlpRoutes } from "./otlp.js";
import { type ReadRoutesComponents, readRoute } from "./read.js";
import { readTicketRoute } from "./read-tickets.js";
import { streamRoutes } from "./streams.js";

export interface RouteTableComponents extends ReadRoutesComponents {
  readonly otlp: Pick<OtlpRoutesComponents, "defaultStream" | "telemetry">;
}

export function createRouteTable(
  components: RouteTableComponents,
): Record<RouteName, RouteHandler> {
  const { clock, otlp } = components;
  const turns = new Turns();
  return {
    ...basinRoutes(components.backend),
    ...streamRoutes(components.backend),
    ...accessTokenRoutes(components.backend),
    ...locationRoutes(components.backend),
    ...metricsRoutes(components.backend),
    ...otlpRoutes({ ...components, ...otlp, turns, now: () => clock.now() }),
    append: appendRoute({ ...components, turns }),
    read: readRoute(components),
    "check-tail": checkTailRoute(components),
    "issue-read-ticket": readTicketRoute(components.backend),
  };
}
