// Answers outside the API, without a token: health for probes and load balancers, the Prometheus
// page, and the description of the API. Spec: control-plane#routes.

import { MEDIA_JSON } from "@s2kit/core";
import type { Health } from "../../telemetry/health.js";
import type { PrometheusPage } from "../../telemetry/prometheus-page.js";
import { describeApi } from "../openapi/describe-api.js";
import { bytesReply, emptyReply, methodNotAllowed, type Reply } from "../reply.js";
import type { PlainHandler } from "./front-door.js";

export interface PlainRoutesComponents {
  readonly page: PrometheusPage;
  /** Undefined for paths that are not about health. */
  healthOf(path: string): Health | undefined;
  onUnexpected(error: unknown): void;
}

export function createPlainRoutes(components: PlainRoutesComponents): PlainHandler {
  // Made when it is asked for first: most servers never are.
  let description: Buffer | undefined;
  return (method, path) => {
    const health = components.healthOf(path);
    const isKnown = health !== undefined || path === "/metrics" || path === "/openapi.json";
    if (!isKnown) return undefined;
    if (method !== "GET") return methodNotAllowed("GET, HEAD");
    if (path === "/openapi.json") {
      description ??= Buffer.from(JSON.stringify(describeApi()));
      return bytesReply(MEDIA_JSON, description);
    }
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
