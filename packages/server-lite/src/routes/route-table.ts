// The handler of every route of core's table. The type makes the table complete: a
// route that is added to core does not compile before it is answered here.

import type { RouteName } from "@s2kit/core";
import type { RouteHandler } from "../exchange/router.js";
import { accessTokenRoutes } from "./access-tokens.js";
import { appendRoute } from "./append.js";
import { basinRoutes } from "./basins.js";
import { locationRoutes } from "./locations.js";
import { metricsRoutes } from "./metrics.js";
import { checkTailRoute, type ReadRoutesContext, readRoute } from "./read.js";
import { streamRoutes } from "./streams.js";

export function createRouteTable(context: ReadRoutesContext): Record<RouteName, RouteHandler> {
  return {
    ...basinRoutes(context.backend),
    ...streamRoutes(context.backend),
    ...accessTokenRoutes(context.backend),
    ...locationRoutes(context.backend),
    ...metricsRoutes(context.backend),
    append: appendRoute(context),
    read: readRoute(context),
    "check-tail": checkTailRoute(context),
  };
}
