// Routes of basins: decode, call the backend, encode. No rules here.
// Spec: control-plane#lists, control-plane#create, control-plane#ensure,
// control-plane#get-and-reconfigure-a-basin, control-plane#delete-a-basin.

import {
  basinPrefixRule,
  HEADER_PROVISION_RESULT,
  parseBasinName,
  parseLocationName,
} from "@s2kit/core";
import {
  type BasinInfo,
  basinConfigFromJson,
  basinConfigToJson,
  basinInfoToJson,
  basinReconfigurationFromJson,
  pageToJson,
} from "@s2kit/core/control";
import { listWithin, requireResource } from "../backend/access/authorize.js";
import type { Backend } from "../backend/backend.js";
import { shownBasinConfig } from "../backend/control/basins.js";
import type { Provisioned } from "../backend/control/provision.js";
import { emptyReply, jsonReply, type Reply } from "../exchange/reply.js";
import {
  jsonBodyOf,
  nameRangeOf,
  optionalJsonBodyOf,
  requestTokenOf,
} from "../exchange/request.js";
import type { RouteHandler, RouteRequest } from "../exchange/router.js";
import { badJson, optionalField, requiredObject, requiredString } from "./body.js";

export type BasinRoute =
  | "create-basin"
  | "delete-basin"
  | "ensure-basin"
  | "get-basin-config"
  | "list-basins"
  | "reconfigure-basin";

export function basinRoutes(backend: Backend): Record<BasinRoute, RouteHandler> {
  const { basins } = backend;
  return {
    async "list-basins"({ access, query }) {
      const range = nameRangeOf(query, basinPrefixRule);
      const page = listWithin(access.scope.basins, range, (visible) => basins.list(visible));
      return jsonReply(200, pageToJson(page, "basins", basinInfoToJson));
    },
    async "create-basin"(request) {
      const requestToken = requestTokenOf(request.exchange);
      const body = requiredObject(await jsonBodyOf(request));
      const basin = parseBasinName(requiredString(body, "basin"), "bad_json");
      const { config, location } = provisionOf(body);
      requireResource(request.access, "basin", basin);
      return provisionReply(basins.create({ basin, config, location, requestToken }), true);
    },
    async "ensure-basin"(request) {
      const basin = basinParam(request);
      const json = await optionalJsonBodyOf(request);
      const body = json === undefined ? {} : requiredObject(json);
      return provisionReply(basins.ensure({ basin, ...provisionOf(body) }), false);
    },
    async "get-basin-config"(request) {
      return jsonReply(200, shownBasinConfig(basins.get(basinParam(request)).config));
    },
    async "reconfigure-basin"(request) {
      const basin = basinParam(request);
      const patch = basinReconfigurationFromJson(await jsonBodyOf(request));
      // What is set, as it is kept: whoever compares it with a declaration must see no default.
      return jsonReply(200, basinConfigToJson(basins.reconfigure(basin, patch)));
    },
    async "delete-basin"(request) {
      basins.delete(basinParam(request));
      return emptyReply(202);
    },
  };
}

function basinParam({ params }: RouteRequest): string {
  return parseBasinName(params.basin ?? "", "bad_path");
}

/** The older name of `location` was `scope`. */
function provisionOf(body: Readonly<Record<string, unknown>>): {
  config: ReturnType<typeof basinConfigFromJson> | undefined;
  location: string | undefined;
} {
  const location = optionalField(body, "location") ?? optionalField(body, "scope");
  if (location !== undefined && typeof location !== "string")
    throw badJson("expected a string field=location");
  return {
    config: optionalField(body, "config", basinConfigFromJson),
    location: location === undefined ? undefined : parseLocationName(location, "bad_json"),
  };
}

/** @param isAlways201 - a repeated create answers as the first did */
function provisionReply(outcome: Provisioned<BasinInfo>, isAlways201: boolean): Reply {
  const status = isAlways201 || outcome.result === "created" ? 201 : 200;
  return jsonReply(status, basinInfoToJson(outcome.value), {
    [HEADER_PROVISION_RESULT]: outcome.result,
  });
}
