// Decides whether an access permits a route: its operations, and the resources that path, header
// and body name. Pure, and made before anything is looked up, so that a refusal tells nothing about
// what exists. What a route's template names is required without exception: a route added to core's
// table is closed until a scope opens it. Spec: control-plane#operations-and-groups,
// control-plane#what-is-checked, control-plane#automatic-prefixes.

import {
  compareUtf8,
  type Operation,
  type PathParams,
  ROUTES,
  type RouteName,
  S2Error,
} from "@s2kit/core";
import {
  containsResource,
  isEmptyResourceSet,
  type Page,
  type ResourceSet,
} from "@s2kit/core/control";
import { type AppendBatch } from "@s2kit/core/server";
import type { NameRange } from "../catalog/catalog.js";
import type { Access } from "./access.js";

/** Looks at a scanned batch before it is accepted; throws to refuse it. */
export type InspectBatch = (batch: AppendBatch) => void;

/** A kind of resource that scopes name. */
export type ResourceKind = "access_token" | "basin" | "stream";

/**
 * Checks operations and named resources of a request, as far as its head tells.
 *
 * @param params - of the path, as the client wrote them
 * @param basin - of a basin-level request; ignored on account routes
 * @returns why the request is refused, or undefined when it is permitted
 */
export function denialOf(
  access: Access,
  route: RouteName,
  params: PathParams,
  basin: string,
): S2Error | undefined {
  const { level, operations } = ROUTES[route];
  const missing = route === "append" ? missingForAppend(access) : missingOf(access, operations);
  if (missing !== undefined) return operationDenied(missing);
  if (level === "basin") {
    const refusal = resourceDenialOf(access, "basin", basin);
    if (refusal !== undefined) return refusal;
  }
  for (const [param, name] of Object.entries(params)) {
    const refusal = resourceDenialOf(access, kindOf(param), nameWithin(access, param, name));
    if (refusal !== undefined) return refusal;
  }
  const listed = LISTED[route];
  if (listed !== undefined && isEmptyResourceSet(setOf(access, listed)))
    return denied(`no ${listed} is in scope`);
  return undefined;
}

/** Checks a resource that a body names. @param name - as the account knows it */
export function resourceDenialOf(
  access: Access,
  kind: ResourceKind,
  name: string,
): S2Error | undefined {
  if (containsResource(setOf(access, kind), name)) return undefined;
  return denied(`${kind} is out of scope`);
}

/** As {@link resourceDenialOf}. @throws {S2Error} `permission_denied` */
export function requireResource(access: Access, kind: ResourceKind, name: string): void {
  const refusal = resourceDenialOf(access, kind, name);
  if (refusal !== undefined) throw refusal;
}

/**
 * The check of each batch of an append: ordinary records, trims and fences need an operation each.
 *
 * @returns undefined when no batch can be refused
 */
export function appendInspection({ operations }: Access): InspectBatch | undefined {
  if (APPEND_OPERATIONS.every((operation) => operations.has(operation))) return undefined;
  return (batch: AppendBatch) => {
    if (batch.commands.length < batch.count && !operations.has("append"))
      throw operationDenied("append");
    for (const { command } of batch.commands)
      if (!operations.has(command.kind)) throw operationDenied(command.kind);
  };
}

/**
 * A page of what is both asked for and in a set: limits and `hasMore` count nothing else.
 *
 * @param list - lists any range
 */
export function listWithin<T extends { readonly name: string }>(
  set: ResourceSet | undefined,
  range: NameRange,
  list: (range: NameRange) => Page<T>,
): Page<T> {
  const nothing = { items: [], hasMore: false };
  if (set === undefined) return nothing;
  if ("exact" in set) {
    const { exact } = set;
    if (!exact.startsWith(range.prefix) || compareUtf8(exact, range.startAfter) <= 0)
      return nothing;
    const page = list({ prefix: exact, startAfter: "", limit: 1 });
    return { items: page.items.filter(({ name }) => name === exact), hasMore: false };
  }
  if (range.prefix.startsWith(set.prefix)) return list(range);
  if (set.prefix.startsWith(range.prefix)) return list({ ...range, prefix: set.prefix });
  return nothing;
}

const APPEND_OPERATIONS: readonly Operation[] = ["append", "trim", "fence"];

/** What a route lists, or finds in its body: with none of the kind in scope it is refused. */
const LISTED: Partial<Readonly<Record<RouteName, ResourceKind>>> = {
  "list-access-tokens": "access_token",
  "list-basins": "basin",
  "list-streams": "stream",
  // Which streams the groups name is in the body.
  "otlp-logs": "stream",
  "otlp-metrics": "stream",
  "otlp-traces": "stream",
};

/** Any of the three opens the route; what the batches hold decides the rest. */
function missingForAppend({ operations }: Access): Operation | undefined {
  return APPEND_OPERATIONS.some((operation) => operations.has(operation)) ? undefined : "append";
}

function missingOf(access: Access, operations: readonly Operation[]): Operation | undefined {
  return operations.find((operation) => !access.operations.has(operation));
}

function kindOf(param: string): ResourceKind {
  if (param === "basin" || param === "stream") return param;
  if (param === "id") return "access_token";
  throw denied(`no scope names this parameter name=${param}`);
}

function nameWithin(access: Access, param: string, name: string): string {
  return param === "stream" ? access.streamPrefix + name : name;
}

function setOf({ scope }: Access, kind: ResourceKind): ResourceSet | undefined {
  if (kind === "basin") return scope.basins;
  return kind === "stream" ? scope.streams : scope.accessTokens;
}

function operationDenied(operation: Operation): S2Error {
  return denied(`operation is not permitted op=${operation}`);
}

function denied(message: string): S2Error {
  return new S2Error({ code: "permission_denied", message });
}
