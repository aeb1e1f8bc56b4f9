// Which route of the table a request means. A basin route has a second form, whose path names the
// basin: for who cannot send a header, and for clients of older documents of the API.
// Spec: control-plane#routes, control-plane#basins-in-the-path.

import { S2Error } from "./error.js";
import { type HttpMethod, type PathParams, ROUTES, type RouteName } from "./paths.js";

/** What a method and path mean: a route, or what is wrong with them. */
export type RouteMatch =
  | {
      readonly kind: "route";
      readonly name: RouteName;
      readonly params: PathParams;
      /** Of a basin route whose path names its basin; unchecked, as are the parameters. */
      readonly basin: string | undefined;
    }
  | { readonly kind: "method-not-allowed"; readonly allowed: readonly HttpMethod[] }
  | { readonly kind: "not-found" };

/**
 * Finds the route of a request. Splits on `/` before decoding, so `a%2Fb` stays one segment; `%62`
 * is `b` everywhere, and nothing else is normalised. HEAD is for the caller to map to GET.
 *
 * @param path - without the query string
 * @throws {S2Error} `bad_path` when a parameter is not valid percent-encoded UTF-8
 */
export function matchRoute(method: string, path: string): RouteMatch {
  const segments = path.split("/");
  const allowed: HttpMethod[] = [];
  for (const { name, segments: pattern } of PATTERNS.get(segments.length) ?? []) {
    if (!fits(pattern, segments)) continue;
    const { level, method: wanted } = ROUTES[name];
    if (wanted !== method) {
      allowed.push(wanted);
      continue;
    }
    const params = paramsOf(pattern, segments);
    // Most requests name their basin in a header: their parameters are handed on as they are.
    if (level === "account" || params.basin === undefined)
      return { kind: "route", name, params, basin: undefined };
    const { basin, ...others } = params;
    return { kind: "route", name, params: others, basin };
  }
  return allowed.length > 0 ? { kind: "method-not-allowed", allowed } : { kind: "not-found" };
}

/** One way to write a route. */
interface Pattern {
  readonly name: RouteName;
  readonly segments: readonly string[];
}

/** The last segments that older documents of the API give to the operations on records. */
const VERBS: Readonly<Partial<Record<RouteName, string>>> = {
  append: "append",
  read: "read",
  "check-tail": "tail",
};

/**
 * Templates split once, by how many segments they have. Literal segments come before parameters, so
 * `default` beats `{id}`.
 */
const PATTERNS: ReadonlyMap<number, readonly Pattern[]> = /* @__PURE__ */ patterns();

function patterns(): ReadonlyMap<number, readonly Pattern[]> {
  const all = (Object.keys(ROUTES) as RouteName[])
    .flatMap((name) => formsOf(name).map((form) => ({ name, segments: form.split("/") })))
    .sort((a, b) => a.segments.filter(isParam).length - b.segments.filter(isParam).length);
  const byLength = new Map<number, Pattern[]>();
  for (const pattern of all) {
    const { length } = pattern.segments;
    byLength.set(length, [...(byLength.get(length) ?? []), pattern]);
  }
  return byLength;
}

/** The path of the table; of a basin route also those that name the basin. */
function formsOf(name: RouteName): readonly string[] {
  const { level, template } = ROUTES[name];
  if (level === "account") return [template];
  const inBasin = template.startsWith("/v1/")
    ? template.replace("/v1/", "/v1/basins/{basin}/")
    : `/v1/basins/{basin}${template}`;
  const verb = VERBS[name];
  const stream = "/v1/basins/{basin}/streams/{stream}";
  return [template, inBasin, ...(verb === undefined ? [] : [`${stream}/${verb}`])];
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return pattern.every((part, i) =>
    isParam(part) ? segments[i] !== "" : isSegment(part, segments[i]),
  );
}

/** Clients and proxies may encode any character of a segment. */
function isSegment(literal: string, segment = ""): boolean {
  if (literal === segment) return true;
  if (!segment.includes("%")) return false;
  try {
    return decodeURIComponent(segment) === literal;
  } catch {
    return false;
  }
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): PathParams {
  const params: Record<string, string> = {};
  pattern.forEach((part, i) => {
    if (isParam(part)) params[part.slice(1, -1)] = decodeSegment(segments[i] ?? "");
  });
  return params;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new S2Error({
      code: "bad_path",
      message: "path segment is not valid percent-encoded UTF-8",
      cause,
    });
  }
}

function isParam(part: string): boolean {
  return part.startsWith("{");
}
