// Access tokens for people: one line of scopes, flat fields for a diff. Never the secret.
// Spec: cli#access-token-commands, cli#diff.

import type { AccessTokenInfo, S2 } from "@s2kit/client";
import { accessTokenInfoToJson } from "@s2kit/core/control";
import { CliError } from "../values/failure.js";
import type { Field } from "./config-view.js";

type Scope = AccessTokenInfo["scope"];
type ResourceSet = NonNullable<Scope["basins"]>;

/** Lists with the id as prefix and takes the exact match: there is no call for one token. */
export async function findAccessToken(client: S2, id: string): Promise<AccessTokenInfo> {
  const { accessTokens } = await client.accessTokens.list({ prefix: id, limit: 1 });
  const [found] = accessTokens;
  if (found?.id === id) return found;
  throw new CliError(`access token not found id=${id}`, {
    exitCode: 4,
    hint: "see which exist: s2kit list-access-tokens",
  });
}

/** Two lines: id and expiry, then what it may do. */
export function accessTokenLines(
  info: AccessTokenInfo,
  idWidth: number,
  nothing: string,
): string[] {
  const { scope } = info;
  const set = (resources: ResourceSet | undefined): string => setText(resources) ?? nothing;
  return [
    `${info.id.padEnd(idWidth)}  expires ${expiryText(info)}`,
    `  basins=${set(scope.basins)}  streams=${set(scope.streams)}  tokens=${set(scope.accessTokens)}  perms=${permissionsText(scope, 1) ?? "none"}  ops=${scope.ops?.length ?? 0}`,
  ];
}

export function accessTokenFields(info: AccessTokenInfo): Field[] {
  const { scope } = info;
  return [
    ["expires_at", expiryText(info)],
    ["auto_prefix_streams", String(info.autoPrefixStreams)],
    ["scope.basins", setText(scope.basins)],
    ["scope.streams", setText(scope.streams)],
    ["scope.access_tokens", setText(scope.accessTokens)],
    ["scope.op_groups", permissionsText(scope)],
    ["scope.ops", scope.ops === undefined ? undefined : [...scope.ops].sort().join(",")],
  ];
}

/**
 * `*` everything, `p*` a prefix, a bare name exactly that; the exact name "" is that of nothing.
 */
function setText(resources: ResourceSet | undefined): string | undefined {
  if (resources === undefined || ("exact" in resources && resources.exact === "")) return undefined;
  return "exact" in resources ? resources.exact : `${resources.prefix}*`;
}

/** @param levelLength - how much of the level is written: all of it, or a letter */
function permissionsText(scope: Scope, levelLength?: number): string | undefined {
  const groups = (["account", "basin", "stream"] as const).flatMap((level) => {
    const { read, write } = scope.opGroups?.[level] ?? {};
    const letters = `${read === true ? "r" : ""}${write === true ? "w" : ""}`;
    return letters === "" ? [] : [`${level.slice(0, levelLength)}:${letters}`];
  });
  return groups.length === 0 ? undefined : groups.join(" ");
}

export function accessTokenJson(info: AccessTokenInfo): unknown {
  const { expiresAt, ...rest } = info;
  return accessTokenInfoToJson(
    expiresAt === undefined ? rest : { ...rest, expiresAt: expiresAt.toISOString() },
  );
}

function expiryText({ expiresAt }: AccessTokenInfo): string {
  return expiresAt === undefined ? "never" : expiresAt.toISOString();
}
