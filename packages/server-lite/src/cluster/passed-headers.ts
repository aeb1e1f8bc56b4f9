// The headers of a request that an owner needs, and no others: what a client says of its own
// connection, or of this node, ends here. Pure.

import {
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  HEADER_REQUEST_TOKEN,
  HEADER_STREAM_CONFIG,
} from "@s2kit/core";
import type { Exchange } from "../exchange/exchange.js";

export const PASSED_HEADERS: readonly string[] = [
  "accept",
  "accept-encoding",
  "authorization",
  "content-encoding",
  "content-type",
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  HEADER_REQUEST_TOKEN,
  HEADER_STREAM_CONFIG,
];

/** @param basin - as this node found it, also in the name of the host; empty when there is none */
export function passedHeaders(
  exchange: Pick<Exchange, "header">,
  basin: string,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of PASSED_HEADERS) {
    const value = exchange.header(name);
    if (value !== undefined) headers[name] = value;
  }
  if (basin !== "") headers[HEADER_BASIN] = basin;
  return headers;
}
