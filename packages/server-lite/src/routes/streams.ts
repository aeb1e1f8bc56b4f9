// Routes of streams: decode, call the backend, encode. No rules here.
// Spec: control plane sections 4.2 to 4.6.

import {
  HEADER_PROVISION_RESULT,
  pageToJson,
  parseStreamName,
  resolvedStreamConfigToJson,
  type StreamInfo,
  streamConfigFromJson,
  streamInfoToJson,
  streamPrefixRule,
  streamReconfigurationFromJson,
} from "@s2kit/core";
import type { Backend } from "../backend/backend.js";
import type { Provisioned } from "../backend/provision.js";
import type { StreamAddress } from "../backend/streams.js";
import { emptyReply, jsonReply, type Reply } from "../http/reply.js";
import { jsonBodyOf, nameRangeOf, optionalJsonBodyOf, requestTokenOf } from "../http/request.js";
import type { RouteHandler, RouteRequest } from "../http/router.js";
import { optionalField, requiredObject, requiredString } from "./body.js";

export type StreamRoute =
  | "create-stream"
  | "delete-stream"
  | "ensure-stream"
  | "get-stream-config"
  | "list-streams"
  | "reconfigure-stream";

export function streamRoutes(backend: Backend): Record<StreamRoute, RouteHandler> {
  const { streams } = backend;
  return {
    async "list-streams"({ basin, query }) {
      const page = streams.list(basin, nameRangeOf(query, streamPrefixRule));
      return jsonReply(200, pageToJson(page, "streams", streamInfoToJson));
    },
    async "create-stream"({ basin, exchange }) {
      const requestToken = requestTokenOf(exchange);
      const body = requiredObject(await jsonBodyOf(exchange));
      const stream = parseStreamName(requiredString(body, "stream"), "bad_json");
      const config = optionalField(body, "config", streamConfigFromJson);
      return provisionReply(streams.create({ basin, stream, config, requestToken }), true);
    },
    async "ensure-stream"(request) {
      const address = addressOf(request);
      const json = await optionalJsonBodyOf(request.exchange);
      const config = json === undefined ? undefined : streamConfigFromJson(json, "body");
      return provisionReply(streams.ensure({ ...address, config }), false);
    },
    async "get-stream-config"(request) {
      const { config } = streams.get(addressOf(request));
      return jsonReply(200, resolvedStreamConfigToJson(config));
    },
    async "reconfigure-stream"(request) {
      const address = addressOf(request);
      const patch = streamReconfigurationFromJson(await jsonBodyOf(request.exchange));
      return jsonReply(200, resolvedStreamConfigToJson(streams.reconfigure(address, patch)));
    },
    async "delete-stream"(request) {
      streams.delete(addressOf(request));
      return emptyReply(202);
    },
  };
}

/** @throws {S2Error} `bad_path` */
export function addressOf({ basin, params }: RouteRequest): StreamAddress {
  return { basin, stream: parseStreamName(params.stream ?? "", "bad_path") };
}

function provisionReply(outcome: Provisioned<StreamInfo>, isAlways201: boolean): Reply {
  const status = isAlways201 || outcome.result === "created" ? 201 : 200;
  return jsonReply(status, streamInfoToJson(outcome.value), {
    [HEADER_PROVISION_RESULT]: outcome.result,
  });
}
