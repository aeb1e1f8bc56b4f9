// Routes of usage metrics: decode, call the backend, encode. Not the Prometheus page of the
// process. Spec: control-plane#metrics.

import { parseBasinName, parseStreamName } from "@s2kit/core";
import {
  addAutoPrefix,
  type MetricLevel,
  metricsToJson,
  parseMetricsQuery,
} from "@s2kit/core/control";
import type { Backend } from "../backend/backend.js";
import { jsonReply } from "../exchange/reply.js";
import type { RouteHandler, RouteRequest } from "../exchange/router.js";

export type MetricsRoute = "account-metrics" | "basin-metrics" | "stream-metrics";

export function metricsRoutes(backend: Backend): Record<MetricsRoute, RouteHandler> {
  const answer =
    (level: MetricLevel): RouteHandler =>
    async (request) => {
      const target = { level, ...namesOf(request), visibleBasins: request.access.scope.basins };
      const query = parseMetricsQuery(request.query, level);
      return jsonReply(200, metricsToJson(await backend.metrics(request.asked, target, query)));
    };
  return {
    "account-metrics": answer("account"),
    "basin-metrics": answer("basin"),
    "stream-metrics": answer("stream"),
  };
}

function namesOf({ access, params }: RouteRequest): { basin?: string; stream?: string } {
  const { basin, stream } = params;
  return {
    ...(basin === undefined ? {} : { basin: parseBasinName(basin, "bad_path") }),
    ...(stream === undefined
      ? {}
      : { stream: parseStreamName(addAutoPrefix(access.streamPrefix, stream), "bad_path") }),
  };
}
