// Notes which routes of core's table were asked over a real socket and what came back, so that a last
// check can tell what nobody asked. Knows no rule: what is expected stands in the walks.

import {
  type ErrorCode,
  matchRoute,
  OPERATIONS,
  type Operation,
  ROUTES,
  type RouteName,
  SERVER_ERROR_CODES,
  type ServerErrorCode,
  statusOf,
} from "@s2kit/core";
import { type Answer, type CallOptions, call } from "../support/test-server.js";

/** How an answer reached the client. */
export type Place = "http" | "s2s terminal" | "sse event" | "websocket terminal" | "request log";

/** What a route speaks: body formats, session types, HTTP versions. */
export type Carrier =
  | "json"
  | "base64"
  | "protobuf"
  | "sse"
  | "s2s over http/1.1"
  | "s2s over http/2"
  | "websocket";

export class Recorder {
  private readonly successes = new Map<RouteName, Set<number>>();
  private readonly failures = new Map<string, Map<Place, Set<string>>>();
  private readonly carriers = new Map<RouteName, Set<Carrier>>();
  private readonly operations = new Set<Operation>();

  /** Asks over HTTP, and notes route and outcome. */
  async call(
    base: string,
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const answer = await call(base, method, path, options);
    const match = matchRoute(method, path.split("?")[0] ?? "");
    const route = match.kind === "route" ? match.name : undefined;
    if (answer.status >= 400) this.failed("http", answer.status, answer.json, route);
    else if (route !== undefined) this.succeeded(route, answer.status);
    return answer;
  }

  succeeded(route: RouteName, status: number, carrier?: Carrier): void {
    setOf(this.successes, route).add(status);
    for (const operation of ROUTES[route].operations) this.operated(operation);
    if (carrier !== undefined) setOf(this.carriers, route).add(carrier);
  }

  /** Trim and fence are operations of command records, not of a route. */
  operated(operation: Operation): void {
    this.operations.add(operation);
  }

  /** @throws when a known code comes with a status that is not the one of core's table */
  failed(place: Place, status: number, body: unknown, route?: RouteName): void {
    const key = nameOf(status, body);
    const promised = statusOf(key as ErrorCode);
    if (promised !== status) throw new Error(`code=${key} came with status=${status}`);
    let places = this.failures.get(key);
    if (places === undefined) this.failures.set(key, (places = new Map()));
    setOf(places, place).add(route ?? "outside");
  }

  missingRoutes(): RouteName[] {
    return routeNames().filter((name) => !this.successes.has(name));
  }

  missingOperations(): Operation[] {
    return OPERATIONS.filter((operation) => !this.operations.has(operation));
  }

  missingCodes(): ServerErrorCode[] {
    return SERVER_ERROR_CODES.filter((code) => !this.failures.has(code));
  }

  carriersOf(route: RouteName): Carrier[] {
    return [...(this.carriers.get(route) ?? [])].sort();
  }

  /** Both tables, as Markdown. */
  table(impossible: Readonly<Partial<Record<ServerErrorCode, string>>>): string {
    const routes = routeNames().map((name) => {
      const { method, template } = ROUTES[name];
      const statuses = [...(this.successes.get(name) ?? [])].sort((a, b) => a - b).join(" ");
      return `| ${name} | ${method} ${template} | ${statuses || "MISSING"} | ${this.codesOf(name)} |`;
    });
    const codes = [...SERVER_ERROR_CODES, "APPEND_CONDITION_FAILED", "RANGE_NOT_SATISFIABLE"].map(
      (code) => {
        const places = [...(this.failures.get(code)?.keys() ?? [])].join(", ");
        const argument = impossible[code as ServerErrorCode];
        const where = places || (argument === undefined ? "MISSING" : `never: ${argument}`);
        return `| ${code} | ${statusOf(code as ErrorCode)} | ${where} |`;
      },
    );
    return [
      "| Route | Request | Success | Failures |",
      "|---|---|---|---|",
      ...routes,
      "",
      "| Code | Status | Seen as |",
      "|---|---|---|",
      ...codes,
      "",
      ...(["append", "read"] as const).map(
        (name) => `${name} was carried by: ${this.carriersOf(name).join(", ")}`,
      ),
    ].join("\n");
  }

  private codesOf(route: RouteName): string {
    const codes = [...this.failures]
      .filter(([, places]) => [...places.values()].some((routes) => routes.has(route)))
      .map(([code]) => code);
    return codes.sort().join(" ");
  }
}

/** The two structured bodies have no code: core's names for them stand in. */
function nameOf(status: number, body: unknown): string {
  if (status === 412) return "APPEND_CONDITION_FAILED";
  if (status === 416) return "RANGE_NOT_SATISFIABLE";
  const { code } = (body ?? {}) as { code?: unknown };
  if (typeof code !== "string") throw new Error(`an error without a code status=${status}`);
  return code;
}

function routeNames(): RouteName[] {
  return Object.keys(ROUTES) as RouteName[];
}

function setOf<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}
