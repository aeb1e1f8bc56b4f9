// The handler of every route of core's table. The type makes the table complete: a
// route that is added to core does not compile before it is answered here.

import type { RouteName } from "@s2kit/core";
import type { RouteHandler } from "../exchange/router.js";
import { accessTokenRoutes } from "./access-tokens.js";
import { appendRoute } from "./append.js";
import { basinRoutes } from "./basins.js";
import { locationRoutes } from "./locations.js";
import { metricsRoutes } from "./metrics.js";
import { checkTailRoute, type ReadRoutesComponents, readRoute } from "./read.js";
import { readTicketRoute } from "./read-tickets.js";
import { streamRoutes } from "./streams.js";

export function createRouteTable(
  components: ReadRoutesComponents,
): Record<RouteName, RouteHandler> {
  return {
    ...basinRoutes(components.backend),
    ...streamRoutes(components.backend),
    ...accessTokenRoutes(components.backend),
    ...locationRoutes(components.backend),
    ...metricsRoutes(components.backend),
    append: appendRoute(components),
    read: readRoute(components),
    "check-tail": checkTailRoute(components),
    "issue-read-ticket": readTicketRoute(components.backend),
  };
}
