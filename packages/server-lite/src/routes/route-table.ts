// The handler of every route of core's table. What a route is not built for yet does not exist:
// the type makes the table complete.

import { type RouteName, S2Error } from "@s2kit/core";
import type { RouteHandler } from "../http/router.js";
import { accessTokenRoutes } from "./access-tokens.js";
import { appendRoute } from "./append.js";
import { basinRoutes } from "./basins.js";
import { locationRoutes } from "./locations.js";
import { checkTailRoute, type ReadRoutesContext, readRoute } from "./read.js";
import { streamRoutes } from "./streams.js";

export function createRouteTable(context: ReadRoutesContext): Record<RouteName, RouteHandler> {
  const notImplemented: RouteHandler = async () => {
    throw new S2Error({ code: "not_implemented", message: "Not implemented" });
  };
  return {
    ...basinRoutes(context.backend),
    ...streamRoutes(context.backend),
    ...accessTokenRoutes(context.backend),
    ...locationRoutes(context.backend),
    append: appendRoute(context),
    read: readRoute(context),
    "check-tail": checkTailRoute(context),
    "account-metrics": notImplemented,
    "basin-metrics": notImplemented,
    "stream-metrics": notImplemented,
  };
}
