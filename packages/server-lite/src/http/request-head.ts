// What is wrong with the head of an HTTP/1.1 or HTTP/2 request that its parser lets through. Such a
// request gets a coded answer before anything else looks at it.
// Spec: RFC 9112 sections 3.2 and 6.1, RFC 9113 section 8.3.1.

import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders } from "node:http2";
import { S2Error } from "@s2kit/core";

/** Header block limit, both versions. */
export const MAX_HEADER_BYTES: number = 64 * 1024;
/** Between nodes: what a client may send, and what they say of it to each other. */
export const MAX_NODE_HEADER_BYTES: number = MAX_HEADER_BYTES + 8 * 1024;

/** A host name, an IPv4 or IPv6 address, and a port: no user, no path, no space. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^\s/?#@[\]:,\\]*)(:\d*)?$/i;

export function defectOfHttp1({
  httpVersion,
  headers,
  rawHeaders,
}: IncomingMessage): S2Error | undefined {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  if (hosts > 1) return defect("more than one host header");
  if (hosts === 0 && httpVersion !== "1.0") return defect("missing host header");
  const coding = headers["transfer-encoding"];
  // The parser finds the end of such a body, but nobody undoes the other codings.
  if (coding !== undefined && coding.trim().toLowerCase() !== "chunked")
    return defect("transfer-encoding is not supported, except chunked");
  return defectOfHost(headers.host);
}

export function defectOfHttp2(headers: IncomingHttpHeaders): S2Error | undefined {
  const { ":authority": authority, host } = headers;
  if (authority !== undefined && host !== undefined && authority !== host)
    return defect("host header differs from :authority");
  return defectOfHost(authority ?? host);
}

function defectOfHost(host: string | undefined): S2Error | undefined {
  return host === undefined || AUTHORITY.test(host)
    ? undefined
    : defect("host header is not a host name and a port");
}

function defect(message: string): S2Error {
  return new S2Error({ code: "bad_header", message });
}
