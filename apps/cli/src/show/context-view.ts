// A context as it is printed: names of the configuration file, and of its token only where it is.
// Spec: cli#contexts.

import type { ContextEntry } from "../files/contexts.js";

export interface ContextJson {
  readonly name: string;
  /** By `context use`. */
  readonly used: boolean;
  readonly account_endpoint: string;
  readonly basin_endpoint: string;
  readonly token: "keyring" | "file" | "none";
}

export function contextJson(context: ContextEntry, isUsed: boolean): ContextJson {
  const { name, accountEndpoint, basinEndpoint, token } = context;
  const kind = (token as { credential_store?: unknown } | undefined)?.credential_store;
  return {
    name,
    used: isUsed,
    account_endpoint: accountEndpoint,
    basin_endpoint: basinEndpoint,
    token: token === undefined ? "none" : kind === "keyring" ? "keyring" : "file",
  };
}
