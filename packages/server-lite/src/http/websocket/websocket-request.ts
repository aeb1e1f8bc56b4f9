// What an upgrade request asks for, as if it were an ordinary request: browsers set no headers, so
// what those say elsewhere comes as subprotocols and in the query here.
// Spec: docs/protocol/websocket.md.

import type { IncomingMessage } from "node:http";
import { HEADER_BASIN, HEADER_ENCRYPTION_KEY, MEDIA_S2S, type S2Error } from "@s2kit/core";
import { parseRequestTarget } from "../../exchange/request-target.js";
import { defectOfHttp1 } from "../request-head.js";

/** Secrets travel as subprotocols: URLs end up in logs. */
const BEARER_PREFIX = "s2.bearer.";
const KEY_PREFIX = "s2.key.";
/** Of the query, what is not for the route. */
const OWN_QUERY = ["basin", "mode", "compression"];

export class WebSocketRequest {
  readonly path: string;
  readonly query: string;
  readonly defect: S2Error | undefined;
  readonly protocols: readonly string[];
  /** What the session is for; null when the request does not say. */
  readonly mode: string | null;
  private readonly request: IncomingMessage;
  private readonly overrides: Readonly<Record<string, string | undefined>>;

  constructor(request: IncomingMessage) {
    const target = parseRequestTarget(request.url ?? "/");
    const query = new URLSearchParams(target.query);
    this.request = request;
    this.defect = defectOfHttp1(request);
    this.path = target.path;
    this.mode = query.get("mode");
    this.protocols = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((entry) => entry.trim());
    const token = secretOf(this.protocols, BEARER_PREFIX);
    this.overrides = {
      ...(target.authority === undefined ? {} : { host: target.authority }),
      "content-type": MEDIA_S2S,
      // The browser's own header speaks of HTTP bodies, which its scripts cannot decode.
      "accept-encoding": query.get("compression") ?? "",
      ...(query.has("basin") ? { [HEADER_BASIN]: query.get("basin") ?? "" } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...keyOverride(secretOf(this.protocols, KEY_PREFIX)),
    };
    for (const own of OWN_QUERY) query.delete(own);
    this.query = query.toString();
  }

  get method(): string {
    return this.mode === "append" ? "POST" : "GET";
  }

  header(name: string): string | undefined {
    if (name in this.overrides) return this.overrides[name];
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }
}

function secretOf(protocols: readonly string[], prefix: string): string | undefined {
  const entry = protocols.find((candidate) => candidate.startsWith(prefix));
  return entry === undefined
    ? undefined
    : Buffer.from(entry.slice(prefix.length), "base64url").toString("utf8");
}

function keyOverride(key: string | undefined): Readonly<Record<string, string>> {
  return key === undefined ? {} : { [HEADER_ENCRYPTION_KEY]: key };
}
