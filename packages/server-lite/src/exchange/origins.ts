// Origins of browser pages, as the `origin` header names them: which are of this machine, which are
// of the server itself, and what an operator may write. Pure. Spec: RFC 6454 section 6.

import { S2Error } from "@s2kit/core";

/** True for pages that this machine serves, on any port. */
export function isLoopbackOrigin(origin: string): boolean {
  const host = /^https?:\/\/(\[[^\]]*\]|[^:/?#@\\\s]*)(:\d+)?$/.exec(origin)?.[1]?.toLowerCase();
  if (host === undefined) return false;
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/** True for pages of the server itself: its `host` header names the same host and port. */
export function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/(.+)$/.exec(origin)?.[1] === host.toLowerCase();
}

/**
 * Checks origins of the operator, and writes them as browsers do: lower case, without a trailing
 * slash and without the default port.
 *
 * @throws {S2Error} `INVALID_ARGUMENT` for what no browser ever sends
 */
export function checkOrigins(origins: readonly string[]): readonly string[] {
  return origins.map((text) => {
    const origin = normalOrigin(text);
    if (origin !== undefined) return origin;
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `expected an origin, scheme://host or scheme://host:port, such as https://app.example.com origin=${text}`,
    });
  });
}

function normalOrigin(text: string): string | undefined {
  const [, scheme, authority] = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@*\\,]+)\/?$/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return undefined;
  const lower = `${scheme}://${authority}`.toLowerCase();
  // Only of these do browsers know the default port; others (of extensions and apps) stay.
  return /^https?:/.test(lower) ? webOrigin(lower) : lower;
}

function webOrigin(text: string): string | undefined {
  try {
    return new URL(text).origin;
  } catch {
    return undefined;
  }
}
