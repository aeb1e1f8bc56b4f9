// Where the server is, and what all probes need to reach it: address, host, TLS, token, patience.
// Passed to every probe; holds no connection by itself.

import type { Clock } from "@s2kit/core";

export interface Target {
  readonly origin: string;
  readonly hostname: string;
  readonly port: number;
  readonly isTls: boolean;
  /** False takes any certificate: servers under test often have one of their own. */
  readonly verifiesTls: boolean;
  readonly token: string | undefined;
  readonly clock: Clock;
  /** Longest wait for one answer, frame or event, ms. */
  readonly patienceMs: number;
}

/** The part of an address that names the server. Throws a `TypeError` when it is no address. */
export function parseEndpoint(
  endpoint: string,
): Pick<Target, "hostname" | "isTls" | "origin" | "port"> {
  const url = new URL(/^\w+:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new TypeError(`endpoint must be http or https: ${endpoint}`);
  if (!/^(\/(v1\/?)?)?$/.test(url.pathname) || url.search !== "")
    throw new TypeError(`endpoint is the address of a server, without a path: ${endpoint}`);
  const isTls = url.protocol === "https:";
  return {
    origin: url.origin,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
  };
}

export function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Rejects when the promise takes longer; the work itself is ended by who started it. */
export function within<T>(
  target: Target,
  promise: Promise<T>,
  what: string,
  ms?: number,
): Promise<T> {
  const limit = ms ?? target.patienceMs;
  return new Promise((resolve, reject) => {
    const timer = target.clock.setTimer(
      () => reject(new Error(`no answer within ${limit} ms: ${what}`)),
      limit,
    );
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
