// Routes of streams: decode, call the backend, encode. No rules here.
// Spec: control-plane#lists, control-plane#create, control-plane#ensure, control-plane#streams,
// control-plane#delete-a-stream.

import { HEADER_PROVISION_RESULT, parseStreamName, S2Error, streamPrefixRule } from "@s2kit/core";
import {
  addAutoPrefix,
  pageToJson,
  resolvedStreamConfigToJson,
  type StreamInfo,
  streamConfigFromJson,
  streamInfoToJson,
  streamReconfigurationFromJson,
  stripAutoPrefix,
} from "@s2kit/core/control";
import type { Access } from "../backend/access/access.js";
import { listWithin, requireResource } from "../backend/access/authorize.js";
import type { Backend } from "../backend/backend.js";
import type { NameRange } from "../backend/catalog/catalog.js";
import type { Provisioned } from "../backend/control/provision.js";
import type { StreamAddress } from "../backend/control/streams.js";
import { emptyReply, jsonReply, type Reply } from "../exchange/reply.js";
import {
  jsonBodyOf,
  nameRangeOf,
  optionalJsonBodyOf,
  requestTokenOf,
} from "../exchange/request.js";
import type { RouteHandler, RouteRequest } from "../exchange/router.js";
import { optionalField, requiredObject, requiredString } from "./body.js";

export type StreamRoute =
  | "create-stream"
  | "delete-stream"
  | "ensure-stream"
  | "get-stream-config"
  | "list-streams"
  | "reconfigure-stream";

export function streamRoutes(backend: Backend): Record<StreamRoute, RouteHandler> {
  return {
    async "list-streams"({ access, asked, basin, query }) {
      const range = knownRange(nameRangeOf(query, streamPrefixRule), access);
      asked.noteAccount();
      backend.basins.get(basin);
      const page = listWithin(access.scope.streams, range, (visible) =>
        backend.listStreams(asked, basin, visible),
      );
      const items = page.items.map((info) => shown(info, access));
      return jsonReply(200, pageToJson({ ...page, items }, "streams", streamInfoToJson));
    },
    async "create-stream"(request) {
      const { access, asked, basin } = request;
      const requestToken = requestTokenOf(request.exchange);
      const body = requiredObject(await jsonBodyOf(request));
      const address = knownAddress(access, basin, requiredString(body, "stream"), "bad_json");
      const config = optionalField(body, "config", streamConfigFromJson);
      requireResource(access, "stream", address.stream);
      const { streams } = asked.of(address);
      return provisionReply(streams.create({ ...address, config, requestToken }), true, access);
    },
    async "ensure-stream"(request) {
      const address = addressOf(request);
      const json = await optionalJsonBodyOf(request);
      const config = json === undefined ? undefined : streamConfigFromJson(json, "body");
      const { streams } = request.asked.of(address);
      return provisionReply(streams.ensure({ ...address, config }), false, request.access);
    },
    async "get-stream-config"(request) {
      const address = addressOf(request);
      const { config } = request.asked.of(address).streams.get(address);
      return jsonReply(200, resolvedStreamConfigToJson(config));
    },
    async "reconfigure-stream"(request) {
      const address = addressOf(request);
      const patch = streamReconfigurationFromJson(await jsonBodyOf(request));
      const { streams } = request.asked.of(address);
      return jsonReply(200, resolvedStreamConfigToJson(streams.reconfigure(address, patch)));
    },
    async "delete-stream"(request) {
      const address = addressOf(request);
      request.asked.of(address).streams.delete(address);
      return emptyReply(202);
    },
  };
}

/** @throws {S2Error} `bad_path` */
export function addressOf({ access, basin, params }: RouteRequest): StreamAddress {
  return knownAddress(access, basin, params.stream ?? "", "bad_path");
}

/**
 * The stream that a client with this access means by a name.
 *
 * @throws {S2Error} with the given code, for what is no name
 */
export function knownAddress(
  access: Access,
  basin: string,
  name: string,
  code: "bad_json" | "bad_path" | "invalid",
): StreamAddress {
  const { streamPrefix } = access;
  const stream = parseStreamName(addAutoPrefix(streamPrefix, name), code);
  return streamPrefix === "" ? { basin, stream } : { basin, stream, shownAs: name };
}

/**
 * Prefix and cursor as the account knows them. A shifted cursor also leaves out the one stream that
 * is named like the prefix, and would be nameless here.
 */
function knownRange(range: NameRange, { streamPrefix }: Access): NameRange {
  if (streamPrefix === "") return range;
  const prefix = addAutoPrefix(streamPrefix, range.prefix);
  const startAfter = addAutoPrefix(streamPrefix, range.startAfter);
  const broken = streamPrefixRule(prefix, "prefix") ?? streamPrefixRule(startAfter, "start-after");
  if (broken !== undefined) throw new S2Error({ code: "bad_query", message: broken });
  return { ...range, prefix, startAfter };
}

/** What a client with this access sees of a stream. */
function shown(info: StreamInfo, { streamPrefix }: Access): StreamInfo {
  return { ...info, name: stripAutoPrefix(streamPrefix, info.name) ?? "" };
}

function provisionReply(
  outcome: Provisioned<StreamInfo>,
  isAlways201: boolean,
  access: Access,
): Reply {
  const status = isAlways201 || outcome.result === "created" ? 201 : 200;
  return jsonReply(status, streamInfoToJson(shown(outcome.value, access)), {
    [HEADER_PROVISION_RESULT]: outcome.result,
  });
}
