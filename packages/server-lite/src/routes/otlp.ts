// POST of OTLP: telemetry of a fleet into streams. Decodes the request as far as it is cut, hands
// what becomes records on, and says what was taken. Spec: data-plane#otlp, data-plane#otlp-answers.

import {
  MAX_RECORD_METERED_BYTES,
  MEDIA_JSON,
  mediaKindOf,
  type RouteName,
  S2Error,
} from "@s2kit/core";
import {
  cutOtlpRequest,
  encodeOtlpResponse,
  MAX_OTLP_BODY_BYTES,
  type OtlpEncoding,
  type OtlpSignal,
} from "@s2kit/core/server";
import { type Exchange, holdForExchange } from "../exchange/exchange.js";
import { bytesReply, type FailureHandler } from "../exchange/reply.js";
import { plainBodyOf } from "../exchange/request.js";
import type { RouteHandler } from "../exchange/router.js";
import type { Turns } from "../exchange/turns.js";
import type { OtlpTelemetry } from "../telemetry/otlp-telemetry.js";
import type { AppendOnceComponents } from "./append-once.js";
import { deliver, MAX_STREAMS_AT_ONCE } from "./otlp-delivery.js";
import { MEDIA_OTLP_PROTOBUF, otlpFailure } from "./otlp-failure.js";
import { headersOf, meteredBytesOf } from "./otlp-records.js";
import { rejectionOf } from "./otlp-rejection.js";
import { recordHeadersOf } from "./record-request.js";

export interface OtlpRoutesComponents extends AppendOnceComponents {
  readonly turns: Turns;
  readonly now: () => number;
  readonly telemetry: OtlpTelemetry;
  /** For resources that name none, when the request does not either. */
  readonly defaultStream: string | undefined;
}

export type OtlpRoute = "otlp-logs" | "otlp-metrics" | "otlp-traces";

/** Names the stream of resources that name none: what exporters can be told to send. */
export const HEADER_OTLP_STREAM = "s2-otlp-stream";

export function otlpRoutes(components: OtlpRoutesComponents): Record<OtlpRoute, RouteHandler> {
  return {
    "otlp-logs": otlpRoute(components, "logs"),
    "otlp-metrics": otlpRoute(components, "metrics"),
    "otlp-traces": otlpRoute(components, "traces"),
  };
}

/** How these routes tell failures. */
export const OTLP_FAILURES: Readonly<Partial<Record<RouteName, FailureHandler>>> = {
  "otlp-logs": otlpFailure,
  "otlp-metrics": otlpFailure,
  "otlp-traces": otlpFailure,
};

function otlpRoute(components: OtlpRoutesComponents, signal: OtlpSignal): RouteHandler {
  const { turns, telemetry } = components;
  return async (request) => {
    const { exchange, access, asked, basin, confirmAccess } = request;
    const encoding = encodingOf(exchange);
    const shared = recordHeadersOf(request);
    const code = encoding === "json" ? "bad_json" : "bad_proto";
    const body = await plainBodyOf(request, MAX_OTLP_BODY_BYTES, code, "content_too_large");
    const headers = headersOf(signal, encoding);
    const maxBodyBytes = MAX_RECORD_METERED_BYTES - meteredBytesOf(headers);
    const rules = { encoding, signal, maxBodyBytes };
    const cut = await turns.run(cutOtlpRequest(body, rules), exchange);
    confirmAccess();
    // Batches are copies of their pieces, one at a time for each stream that is written to.
    const copied = Math.min(body.length, MAX_STREAMS_AT_ONCE * MAX_RECORD_METERED_BYTES);
    if (copied > 0) holdForExchange(exchange, "bodies", copied);
    const delivery = await deliver(cut.pieces, {
      ...components,
      exchange,
      access,
      asked,
      basin,
      confirmAccess,
      shared,
      headers,
      defaultStream: exchange.header(HEADER_OTLP_STREAM) ?? components.defaultStream,
    });
    telemetry.delivered(signal, delivery.records);
    if (delivery.failure !== undefined) throw delivery.failure;
    const rejection = await rejectionOf(cut, delivery, { signal, encoding, turns, exchange });
    if (rejection !== undefined) telemetry.rejected(signal, rejection.count);
    // With nothing taken it is a failure like another, whose status people see.
    const [refusal] = delivery.refusals;
    if (refusal !== undefined && delivery.records === 0) throw refusal.error;
    return bytesReply(
      encoding === "json" ? MEDIA_JSON : MEDIA_OTLP_PROTOBUF,
      encodeOtlpResponse(encoding, signal, rejection),
    );
  };
}

/** @throws {S2Error} `unsupported_media_type` */
function encodingOf(exchange: Exchange): OtlpEncoding {
  const kind = mediaKindOf(exchange.header("content-type"));
  if (kind === "json" || kind === "protobuf") return kind;
  throw new S2Error({
    code: "unsupported_media_type",
    message: `expected a body with Content-Type: ${MEDIA_OTLP_PROTOBUF} or ${MEDIA_JSON}`,
  });
}
