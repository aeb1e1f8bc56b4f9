// Answers outside the API, without a token: health for probes and load balancers, and the
// Prometheus page. Spec: control-plane#routes.

import type { Health } from "../telemetry/health.js";
import type { PrometheusPage } from "../telemetry/prometheus-page.js";
import { emptyReply, methodNotAllowed, type Reply } from "./reply.js";
import type { PlainHandler } from "./router.js";

export interface PlainRoutesComponents {
  readonly page: PrometheusPage;
  /** Undefined for paths that are not about health. */
  healthOf(path: string): Health | undefined;
  onUnexpected(error: unknown): void;
}

export function createPlainRoutes(components: PlainRoutesComponents): PlainHandler {
  return (method, path) => {
    const health = components.healthOf(path);
    if (health === undefined && path !== "/metrics") return undefined;
    if (method !== "GET") return methodNotAllowed("GET, HEAD");
    if (health === undefined) return pageReply(components);
    return textReply(health.status, "text/plain; charset=utf-8", health.text);
  };
}

async function pageReply(components: PlainRoutesComponents): Promise<Reply> {
  try {
    return textReply(200, components.page.contentType, await components.page.render());
  } catch (error) {
    components.onUnexpected(error);
    return emptyReply(500);
  }
}

function textReply(status: number, contentType: string, text: string): Reply {
  const body = Buffer.from(text);
  return { ...emptyReply(status, { "content-type": contentType }), body, isForOperators: true };
}
