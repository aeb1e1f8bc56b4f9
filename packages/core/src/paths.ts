// The one route table: the client builds its URLs from it, the server routes by it
// (route-match.ts), and the tests enumerate it. Spec: control-plane#routes,
// control-plane#operations-and-groups.

import { S2Error } from "./error.js";

/** What an access token can permit. Numbered 1 to 24 in this order by the public API. */
export const OPERATIONS = [
  "list-basins",
  "create-basin",
  "delete-basin",
  "reconfigure-basin",
  "get-basin-config",
  "issue-access-token",
  "revoke-access-token",
  "list-access-tokens",
  "list-streams",
  "create-stream",
  "delete-stream",
  "get-stream-config",
  "reconfigure-stream",
  "check-tail",
  "append",
  "read",
  "trim",
  "fence",
  "account-metrics",
  "basin-metrics",
  "stream-metrics",
  "list-locations",
  "get-default-location",
  "set-default-location",
] as const;

/** One of {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** Methods of the routes. */
export type HttpMethod = "DELETE" | "GET" | "PATCH" | "POST" | "PUT";

/** Account routes stand alone; basin routes need the `s2-basin` header or a basin host. */
export type RouteLevel = "account" | "basin";

/** One route: method, path, operation and level. */
export interface Route {
  readonly method: HttpMethod;
  /** Segments in braces are parameters: one percent-encoded segment each. */
  readonly template: string;
  readonly level: RouteLevel;
  /** All of them must be permitted. An append also needs what its command records ask for. */
  readonly operations: readonly Operation[];
}

/** Every route by name. `ensure-*` are the PUTs, which need two operations. */
export type RouteName =
  | "account-metrics"
  | "append"
  | "basin-metrics"
  | "check-tail"
  | "create-basin"
  | "create-stream"
  | "delete-basin"
  | "delete-stream"
  | "ensure-basin"
  | "ensure-stream"
  | "get-basin-config"
  | "get-default-location"
  | "get-stream-config"
  | "issue-access-token"
  | "issue-read-ticket"
  | "list-access-tokens"
  | "list-basins"
  | "list-locations"
  | "list-streams"
  | "otlp-logs"
  | "otlp-metrics"
  | "otlp-traces"
  | "read"
  | "reconfigure-basin"
  | "reconfigure-stream"
  | "revoke-access-token"
  | "set-default-location"
  | "stream-metrics";

/** All routes by their names. */
export const ROUTES: Readonly<Record<RouteName, Route>> = {
  "list-basins": account("GET", "/v1/basins", "list-basins"),
  "create-basin": account("POST", "/v1/basins", "create-basin"),
  "get-basin-config": account("GET", "/v1/basins/{basin}", "get-basin-config"),
  "ensure-basin": account("PUT", "/v1/basins/{basin}", "create-basin", "reconfigure-basin"),
  "reconfigure-basin": account("PATCH", "/v1/basins/{basin}", "reconfigure-basin"),
  "delete-basin": account("DELETE", "/v1/basins/{basin}", "delete-basin"),
  "list-access-tokens": account("GET", "/v1/access-tokens", "list-access-tokens"),
  "issue-access-token": account("POST", "/v1/access-tokens", "issue-access-token"),
  "revoke-access-token": account("DELETE", "/v1/access-tokens/{id}", "revoke-access-token"),
  "list-locations": account("GET", "/v1/locations", "list-locations"),
  "get-default-location": account("GET", "/v1/locations/default", "get-default-location"),
  "set-default-location": account("PUT", "/v1/locations/default", "set-default-location"),
  "account-metrics": account("GET", "/v1/metrics", "account-metrics"),
  "basin-metrics": account("GET", "/v1/metrics/{basin}", "basin-metrics"),
  "stream-metrics": account("GET", "/v1/metrics/{basin}/{stream}", "stream-metrics"),
  "list-streams": basin("GET", "/v1/streams", "list-streams"),
  "create-stream": basin("POST", "/v1/streams", "create-stream"),
  "get-stream-config": basin("GET", "/v1/streams/{stream}", "get-stream-config"),
  "ensure-stream": basin("PUT", "/v1/streams/{stream}", "create-stream", "reconfigure-stream"),
  "reconfigure-stream": basin("PATCH", "/v1/streams/{stream}", "reconfigure-stream"),
  "delete-stream": basin("DELETE", "/v1/streams/{stream}", "delete-stream"),
  "check-tail": basin("GET", "/v1/streams/{stream}/records/tail", "check-tail"),
  read: basin("GET", "/v1/streams/{stream}/records", "read"),
  append: basin("POST", "/v1/streams/{stream}/records", "append"),
  "issue-read-ticket": basin("POST", "/v1/streams/{stream}/tickets", "read"),
  "otlp-logs": basin("POST", "/otlp/v1/logs", "append"),
  "otlp-metrics": basin("POST", "/otlp/v1/metrics", "append"),
  "otlp-traces": basin("POST", "/otlp/v1/traces", "append"),
};

/** Names in the path of a request. */
export type PathParams = Readonly<Record<string, string>>;

/** The path of a route, with each parameter as one percent-encoded segment. */
export function buildPath(name: RouteName, params: PathParams = {}): string {
  return ROUTES[name].template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = params[key];
    if (value === undefined)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `missing path parameter name=${key}`,
      });
    return encodeURIComponent(value);
  });
}

/* @__NO_SIDE_EFFECTS__ */
function account(method: HttpMethod, template: string, ...operations: Operation[]): Route {
  return { method, template, level: "account", operations };
}

/* @__NO_SIDE_EFFECTS__ */
function basin(method: HttpMethod, template: string, ...operations: Operation[]): Route {
  return { method, template, level: "basin", operations };
}
