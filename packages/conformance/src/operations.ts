// The route table of the specification, in words of our own: names, methods, paths. The recorder
// finds the operation of a request by it, suites walk over it. Spec: control-plane#routes.

import type { Capability } from "./capability.js";

export interface OperationRoute {
  /** Of the table; the two `ensure` routes need two operations. */
  readonly operations: readonly string[];
  readonly name: string;
  readonly method: string;
  readonly template: string;
  readonly success: readonly number[];
  /** Of a route that not every server has. */
  readonly needs?: Capability;
}

export const ROUTES: readonly OperationRoute[] = [
  route("list-basins", "GET", "/v1/basins", 200),
  route("create-basin", "POST", "/v1/basins", 201),
  route("get-basin-config", "GET", "/v1/basins/{basin}", 200),
  route("ensure-basin", "PUT", "/v1/basins/{basin}", 201, 200),
  route("reconfigure-basin", "PATCH", "/v1/basins/{basin}", 200),
  route("delete-basin", "DELETE", "/v1/basins/{basin}", 202),
  route("list-access-tokens", "GET", "/v1/access-tokens", 200),
  route("issue-access-token", "POST", "/v1/access-tokens", 201),
  route("revoke-access-token", "DELETE", "/v1/access-tokens/{id}", 204),
  route("list-locations", "GET", "/v1/locations", 200),
  route("get-default-location", "GET", "/v1/locations/default", 200),
  route("set-default-location", "PUT", "/v1/locations/default", 200),
  route("account-metrics", "GET", "/v1/metrics", 200),
  route("basin-metrics", "GET", "/v1/metrics/{basin}", 200),
  route("stream-metrics", "GET", "/v1/metrics/{basin}/{stream}", 200),
  route("list-streams", "GET", "/v1/streams", 200),
  route("create-stream", "POST", "/v1/streams", 201),
  route("get-stream-config", "GET", "/v1/streams/{stream}", 200),
  route("ensure-stream", "PUT", "/v1/streams/{stream}", 201, 200),
  route("reconfigure-stream", "PATCH", "/v1/streams/{stream}", 200),
  route("delete-stream", "DELETE", "/v1/streams/{stream}", 202),
  route("check-tail", "GET", "/v1/streams/{stream}/records/tail", 200),
  route("read", "GET", "/v1/streams/{stream}/records", 200),
  route("append", "POST", "/v1/streams/{stream}/records", 200),
  {
    ...route("issue-read-ticket", "POST", "/v1/streams/{stream}/tickets", 201),
    operations: ["read"],
    needs: "event-source",
  },
  ...["logs", "metrics", "traces"].map(
    (signal): OperationRoute => ({
      ...route(`otlp-${signal}`, "POST", `/otlp/v1/${signal}`, 200),
      operations: ["append"],
      needs: "otlp",
    }),
  ),
];

/** What tokens can permit. Spec: control-plane#operations-and-groups. */
export const OPERATIONS: readonly string[] = [
  ...new Set([...ROUTES.flatMap(({ operations }) => operations), "trim", "fence"]),
];

function route(
  name: string,
  method: string,
  template: string,
  ...success: number[]
): OperationRoute {
  const kind = name.slice(name.indexOf("-") + 1);
  const operations = name.startsWith("ensure-")
    ? [`create-${kind}`, `reconfigure-${kind}`]
    : [name];
  return { name, operations, method, template, success };
}

/**
 * The path that the table has for one that names its basin. Spec:
 * control-plane#basins-in-the-path.
 */
function withoutBasin(path: string): string {
  const otlp = /^\/v1\/basins\/[^/]+(\/otlp\/.*)$/.exec(path)?.[1];
  if (otlp !== undefined) return otlp;
  const inBasin = /^\/v1\/basins\/[^/]+\/(streams.*)$/.exec(path)?.[1];
  if (inBasin === undefined) return path;
  return `/v1/${inBasin
    .replace(/^(streams\/[^/]+)\/(?:append|read)$/, "$1/records")
    .replace(/^(streams\/[^/]+)\/tail$/, "$1/records/tail")}`;
}

/** The route of a request, or none. */
export function routeOf(method: string, path: string): OperationRoute | undefined {
  const plain = withoutBasin(path.split("?")[0] ?? "");
  const segments = plain.split("/");
  const fits = ({ template }: OperationRoute): boolean => {
    const parts = template.split("/");
    return (
      parts.length === segments.length &&
      parts.every((part, index) => part.startsWith("{") || part === segments[index])
    );
  };
  const verb = method === "HEAD" ? "GET" : method;
  return ROUTES.filter((each) => each.method === verb && fits(each)).sort(
    (a, b) => a.template.split("{").length - b.template.split("{").length,
  )[0];
}
