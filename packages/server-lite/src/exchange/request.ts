// Reads the common parts of a request: basin, names, list queries, JSON bodies, headers with rules.
// Each failure gets the code of the place where it was found.
// Spec: control-plane#hosts-and-basins, control-plane#request-headers, control-plane#bodies,
// control-plane#names, control-plane#lists.

import {
  type BrokenRule,
  HEADER_BASIN,
  HEADER_REQUEST_TOKEN,
  MAX_LIST_LIMIT,
  MAX_REQUEST_TOKEN_BYTES,
  mediaKindOf,
  parseBasinName,
  parseU64,
  S2Error,
  utf8ByteLength,
} from "@s2kit/core";
import type { NameRange } from "../backend/catalog/catalog.js";
import { decodeBody } from "./compression.js";
import { type Exchange, holdForExchange, type OversizeCode, readBody } from "./exchange.js";

/**
 * The basin of a basin-level request: that of its path, else of the header, else the label before
 * the zone in the host name.
 *
 * @param inPath - undefined when the path names none
 * @param zone - such as `b.example.com`; undefined when hosts say nothing about basins
 * @throws {S2Error} `bad_header`; `bad_path` for an invalid name in the path
 */
export function basinOf(
  exchange: Pick<Exchange, "header">,
  inPath: string | undefined,
  zone: string | undefined,
): string {
  const inHeader = exchange.header(HEADER_BASIN);
  if (inPath !== undefined) {
    if (inHeader !== undefined && inHeader !== inPath)
      throw new S2Error({
        code: "bad_header",
        message: `Invalid header \`${HEADER_BASIN}\`: the path names another basin`,
      });
    return parseBasinName(inPath, "bad_path");
  }
  const name = inHeader ?? basinOfHost(exchange.header("host"), zone);
  if (name === undefined)
    throw new S2Error({ code: "bad_header", message: `Missing header \`${HEADER_BASIN}\`` });
  try {
    return parseBasinName(name, "bad_header");
  } catch (error) {
    const { rawMessage } = S2Error.from(error);
    throw new S2Error({
      code: "bad_header",
      message: `Invalid header \`${HEADER_BASIN}\`: ${rawMessage}`,
      cause: error,
    });
  }
}

/** `{basin}.{zone}[:port]`: exactly one label, in any case. */
function basinOfHost(host: string | undefined, zone: string | undefined): string | undefined {
  if (host === undefined || zone === undefined) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const label = name.slice(0, -zone.length - 1);
  return name === `${label}.${zone}` && !label.includes(".") ? label : undefined;
}

/** @throws {S2Error} `bad_header` above 36 bytes */
export function requestTokenOf(exchange: Exchange): string | undefined {
  const token = exchange.header(HEADER_REQUEST_TOKEN);
  if (token === undefined) return undefined;
  const length = utf8ByteLength(token);
  if (length <= MAX_REQUEST_TOKEN_BYTES) return token;
  throw new S2Error({
    code: "bad_header",
    message: `Invalid header \`${HEADER_REQUEST_TOKEN}\`: request token was longer than ${MAX_REQUEST_TOKEN_BYTES} bytes in length: ${length}`,
  });
}

/**
 * The page that a list asks for.
 *
 * @param ruleOf - the grammar of prefixes and cursors of this resource
 * @throws {S2Error} `bad_query`
 */
export function nameRangeOf(
  query: URLSearchParams,
  ruleOf: (text: string, kind: "prefix" | "start-after") => BrokenRule,
): NameRange {
  const text = (name: "prefix" | "start_after"): string => {
    const value = singleParam(query, name) ?? "";
    const rule = ruleOf(value, name === "prefix" ? "prefix" : "start-after");
    if (rule === undefined) return value;
    throw new S2Error({ code: "bad_query", message: `${rule} name=${name}` });
  };
  return { prefix: text("prefix"), startAfter: text("start_after"), limit: limitOf(query) };
}

/** @throws {S2Error} `bad_query` when the key is repeated */
export function singleParam(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length <= 1) return values[0];
  throw new S2Error({
    code: "bad_query",
    message: `query parameter given more than once name=${name}`,
  });
}

function limitOf(query: URLSearchParams): number {
  const text = singleParam(query, "limit");
  if (text === undefined) return MAX_LIST_LIMIT;
  const limit = parseU64(text);
  if (limit === undefined)
    throw new S2Error({ code: "bad_query", message: "query parameter does not parse name=limit" });
  return limit === 0 || limit > MAX_LIST_LIMIT ? MAX_LIST_LIMIT : limit;
}

/**
 * A request with a body. Clients choose when their body is whole, so whoever reads one confirms the
 * access afterwards: a token that was revoked meanwhile has no effect any more.
 */
export interface BodyRequest {
  readonly exchange: Exchange;
  /** @throws {S2Error} `authn` */
  readonly confirmAccess: () => void;
}

/**
 * Configurations and scopes are some KiB. What is parsed in one go must not be much more, since a
 * hostile body costs some 0.1 ms of everyone's time for each KiB.
 */
export const MAX_JSON_BODY_BYTES: number = 128 * 1024;

/**
 * A required JSON body, after which the access is still in force.
 *
 * @throws {S2Error} `bad_json`, `authn`
 */
export async function jsonBodyOf(request: BodyRequest): Promise<unknown> {
  requireJson(request.exchange);
  return parseJson(await plainBodyOf(request, MAX_JSON_BODY_BYTES, "bad_json"));
}

/** An optional JSON body: undefined without a content type, when empty, and for `null`. */
export async function optionalJsonBodyOf(request: BodyRequest): Promise<unknown> {
  if (mediaKindOf(request.exchange.header("content-type")) === "none") return undefined;
  requireJson(request.exchange);
  const bytes = await plainBodyOf(request, MAX_JSON_BODY_BYTES, "bad_json");
  return bytes.length === 0 ? undefined : (parseJson(bytes) ?? undefined);
}

/**
 * A whole body, with its content encoding undone, after which the access is still in force;
 * `maxBytes` bounds it before and after.
 *
 * @throws {S2Error} `authn`, and what is wrong with the body
 */
export async function plainBodyOf(
  { exchange, confirmAccess }: BodyRequest,
  maxBytes: number,
  code: "bad_json" | "bad_proto",
  oversizeCode: OversizeCode = code,
): Promise<Uint8Array> {
  const encoding = exchange.header("content-encoding");
  const body = await readBody(exchange, maxBytes, oversizeCode);
  const plain =
    encoding === undefined ? body : await decodeBody(encoding, body, maxBytes, code, oversizeCode);
  if (plain !== body) holdForExchange(exchange, "bodies", plain.length);
  confirmAccess();
  return plain;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws {S2Error} `bad_json` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes)) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new S2Error({ code: "bad_json", message: `malformed JSON: ${reason}`, cause });
  }
}

export function requireJson(exchange: Exchange): void {
  if (mediaKindOf(exchange.header("content-type")) === "json") return;
  throw new S2Error({
    code: "bad_json",
    message: "expected a body with Content-Type: application/json",
  });
}
