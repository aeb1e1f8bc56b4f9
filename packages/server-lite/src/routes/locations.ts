// Routes of locations: decode, call the backend, encode. The list is a bare array, and the body of
// the PUT a bare string. Spec: control-plane#locations.

import { locationInfoToJson, locationNameFromJson, locationsToJson } from "@s2kit/core/control";
import type { Backend } from "../backend/backend.js";
import { jsonReply } from "../exchange/reply.js";
import { jsonBodyOf } from "../exchange/request.js";
import type { RouteHandler } from "../exchange/router.js";

export type LocationRoute = "get-default-location" | "list-locations" | "set-default-location";

export function locationRoutes({ locations }: Backend): Record<LocationRoute, RouteHandler> {
  return {
    async "list-locations"() {
      return jsonReply(200, locationsToJson(locations.list()));
    },
    async "get-default-location"() {
      return jsonReply(200, locationInfoToJson(locations.default));
    },
    async "set-default-location"(request) {
      const name = locationNameFromJson(await jsonBodyOf(request));
      return jsonReply(200, locationInfoToJson(locations.setDefault(name)));
    },
  };
}
