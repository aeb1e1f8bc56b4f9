// Answers outside the API, without a token: health for probes and load balancers, and the
// Prometheus page. Spec: control-plane#routes.

import type { Health } from "../telemetry/health.js";
import type { PrometheusPage } from "../telemetry/prometheus-page.js";
import { emptyReply, methodNotAllowed, type Reply } from "./reply.js";
import type { PlainHandler } from "./router.js";

export interface PlainRoutesContext {
  readonly page: PrometheusPage;
  /** Undefined for paths that are not about health. */
  healthOf(path: string): Health | undefined;
  onUnexpected(error: unknown): void;
}

export function createPlainRoutes(context: PlainRoutesContext): PlainHandler {
  return (method, path) => {
    const health = context.healthOf(path);
    if (health === undefined && path !== "/metrics") return undefined;
    if (method !== "GET") return methodNotAllowed("GET, HEAD");
    if (health === undefined) return pageReply(context);
    return textReply(health.status, "text/plain; charset=utf-8", health.text);
  };
}

async function pageReply(context: PlainRoutesContext): Promise<Reply> {
  try {
    return textReply(200, context.page.contentType, await context.page.render());
  } catch (error) {
    context.onUnexpected(error);
    return emptyReply(500);
  }
}

function textReply(status: number, contentType: string, text: string): Reply {
  const body = Buffer.from(text);
  return { ...emptyReply(status, { "content-type": contentType }), body, isForOperators: true };
}
