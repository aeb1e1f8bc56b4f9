// Where a request goes: to whoever has the account, to the shard of one stream, or to all of them.
// Told by its route alone, and by the names in its path. Pure.

import { type PathParams, type RouteName, unreachable } from "@s2kit/core";

export type Destination =
  /** Basins, tokens, locations: the first shard. */
  | { readonly kind: "account" }
  /** The name as the client says it. */
  | { readonly kind: "stream"; readonly basin: string; readonly stream: string }
  /** A stream whose name is in the body. */
  | { readonly kind: "new stream" }
  | { readonly kind: "all streams" }
  | { readonly kind: "all metrics" }
  /** Streams of many shards in one request. */
  | { readonly kind: "scattered" };

export function destinationOf(route: RouteName, params: PathParams, basin: string): Destination {
  switch (route) {
    case "create-basin":
    case "delete-basin":
    case "ensure-basin":
    case "get-basin-config":
    case "get-default-location":
    case "issue-access-token":
    case "list-access-tokens":
    case "list-basins":
    case "list-locations":
    case "reconfigure-basin":
    case "revoke-access-token":
    case "set-default-location":
      return { kind: "account" };
    case "append":
    case "check-tail":
    case "delete-stream":
    case "ensure-stream":
    case "get-stream-config":
    case "issue-read-ticket":
    case "read":
    case "reconfigure-stream":
      return { kind: "stream", basin, stream: params.stream ?? "" };
    case "stream-metrics":
      return { kind: "stream", basin: params.basin ?? "", stream: params.stream ?? "" };
    case "create-stream":
      return { kind: "new stream" };
    case "list-streams":
      return { kind: "all streams" };
    case "account-metrics":
    case "basin-metrics":
      return { kind: "all metrics" };
    case "otlp-logs":
    case "otlp-metrics":
    case "otlp-traces":
      return { kind: "scattered" };
    default:
      return unreachable(route);
  }
}
