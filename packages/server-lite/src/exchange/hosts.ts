// Which host names a server without authentication answers to. A page of a browser reaches this
// machine under any name that its owner points here (DNS rebinding), and then counts as same
// origin; but the `host` header tells the name. Names that no stranger can own are always served.

import { S2Error } from "@s2kit/core";

export interface HostSettings {
  /** Address that is bound. */
  readonly host: string;
  readonly basinZone: string | undefined;
  /** More names, such as that of a reverse proxy; with a leading dot also everything below. */
  readonly allowedHosts: readonly string[];
}

/** Answers for the value of a `host` header, with or without a port. */
export type HostCheck = (authority: string) => boolean;

export function createHostCheck({ host, basinZone, allowedHosts }: HostSettings): HostCheck {
  const exact = new Set([host.toLowerCase(), ...allowedHosts.map((name) => bare(name))]);
  const below = allowedHosts.filter((name) => name.startsWith("."));
  if (basinZone !== undefined) {
    exact.add(basinZone);
    below.push(`.${basinZone}`);
  }
  const isServed = (authority: string): boolean => {
    const name = hostNameOf(authority);
    return (
      isAddress(name) ||
      isPrivateName(name) ||
      exact.has(name) ||
      below.some((end) => name.endsWith(end))
    );
  };
  // Clients ask under the same name again and again: the last good one is not taken apart anew.
  let lastServed: string | undefined;
  return (authority) => {
    if (authority === lastServed) return true;
    if (!isServed(authority)) return false;
    lastServed = authority;
    return true;
  };
}

/**
 * Checks names of the operator: lower case, no scheme, no port.
 *
 * @throws {S2Error} `INVALID_ARGUMENT`
 */
export function checkAllowedHosts(names: readonly string[]): readonly string[] {
  return names.map((name) => {
    if (/^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name)) return name.toLowerCase();
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `expected a host name without scheme and port, such as s2.example.com, or .example.com for all below allowedHost=${name}`,
    });
  });
}

/** The name before the port, in lower case, without the dot of a fully qualified one. */
function hostNameOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

/** Browsers ask no name server about an address. */
export function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);
}

/** Names that the public name system never gives to anyone: of this machine and of private nets. */
function isPrivateName(name: string): boolean {
  return /^[a-z0-9_-]*$/.test(name) || /\.(localhost|internal)$/.test(name);
}

function bare(name: string): string {
  return name.replace(/^\./, "");
}
