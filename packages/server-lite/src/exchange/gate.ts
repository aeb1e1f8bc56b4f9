// Who may come in at all when no token is asked for: programs, and pages of browsers that the
// operator or this machine serves. With tokens the gate is open, since no foreign page has one.
// Decides by the head of a request alone; docs/decisions/0053.

import { S2Error } from "@s2kit/core";
import type { Cors } from "./cors.js";
import type { Exchange } from "./exchange.js";
import type { HostCheck } from "./hosts.js";

/** Why a request stays outside; undefined when it may come in. */
export type Gate = (exchange: Exchange) => S2Error | undefined;

export const OPEN_GATE: Gate = () => undefined;

export function createGate(cors: Cors, isServed: HostCheck): Gate {
  return (exchange) => {
    const host = exchange.header("host");
    if (host !== undefined && !isServed(host))
      return denied(
        `host is not served: name it in allowedHosts (--allowed-host), or require tokens host=${host}`,
      );
    const origin = exchange.header("origin");
    if (!cors.isAllowed(origin, host))
      return denied(
        `origin is not allowed: name it in cors (--cors-origin), or require tokens origin=${origin}`,
      );
    // Images, scripts and links of foreign pages carry no origin, but browsers say where from.
    if (origin === undefined && exchange.header("sec-fetch-site") === "cross-site")
      return denied("requests of other sites are not allowed without an origin");
    return undefined;
  };
}

function denied(message: string): S2Error {
  return new S2Error({ code: "permission_denied", message });
}
