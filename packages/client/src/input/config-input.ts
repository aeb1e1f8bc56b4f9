// Configurations and scopes as callers may write them: null where nothing is meant, and nothing
// that does not exist. The official types of other clients allow null; a misspelt key would be
// dropped without a word, and a retention with it. Spec: sdk#surface.

import { requireKnownOptions } from "@s2kit/core";
import type {
  AccessTokenScope,
  BasinConfig as FullBasinConfig,
  StreamConfig,
} from "@s2kit/core/control";
import { invalidArgument } from "../errors.js";

/** The same with every field optional; null means that it is not given. */
export type OrNull<T> = T extends readonly unknown[] | string | number | boolean | Date
  ? T
  : { readonly [K in keyof T]?: OrNull<T[K]> | null | undefined };

/** What a stream is created with; what is left out comes from its basin. */
export type StreamConfigInput = OrNull<StreamConfig>;

/** What a basin is created with; what is left out has its default. */
export type BasinConfig = OrNull<FullBasinConfig>;

/** What a token may do, and with what; what is left out it may not. */
export type AccessTokenScopeInput = OrNull<AccessTokenScope>;

/** The keys of a basin's configuration. */
export const BASIN_CONFIG_KEYS: readonly string[] = [
  "defaultStreamConfig",
  "streamCipher",
  "createStreamOnAppend",
  "createStreamOnRead",
];

/** The keys of a stream's configuration. */
export const STREAM_CONFIG_KEYS: readonly string[] = [
  "storageClass",
  "retentionPolicy",
  "timestamping",
  "deleteOnEmpty",
];

/** Checks the argument of a call. @throws {S2Error} `INVALID_ARGUMENT` */
export function requireArgs(args: unknown, known: readonly string[], call: string): void {
  if (args === undefined || args === null)
    throw invalidArgument(`${call} needs an argument: { ${known[0]} }`);
  requireKnownOptions(args, known, call);
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a key that does not exist, anywhere in it */
export function requireStreamConfig(config: StreamConfigInput | null | undefined): void {
  requireKnownOptions(config, STREAM_CONFIG_KEYS, "StreamConfig");
  requireKnownOptions(config?.retentionPolicy, ["ageSecs", "infinite"], "retentionPolicy");
  requireKnownOptions(config?.timestamping, ["mode", "uncapped"], "timestamping");
  requireKnownOptions(config?.deleteOnEmpty, ["minAgeSecs"], "deleteOnEmpty");
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a key that does not exist, anywhere in it */
export function requireBasinConfig(config: BasinConfig | null | undefined): void {
  requireKnownOptions(config, BASIN_CONFIG_KEYS, "BasinConfig");
  requireStreamConfig(config?.defaultStreamConfig);
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a key that does not exist */
export function requireScope(scope: AccessTokenScopeInput | null | undefined): void {
  const known = ["basins", "streams", "accessTokens", "opGroups", "ops"];
  requireKnownOptions(scope, known, "AccessTokenScope");
  requireKnownOptions(scope?.opGroups, ["account", "basin", "stream"], "AccessTokenScope.opGroups");
  for (const set of [scope?.basins, scope?.streams, scope?.accessTokens])
    requireKnownOptions(set, ["exact", "prefix"], "a set of resources");
}

/** Without its nulls, at any depth. */
export function withoutNulls<T>(value: OrNull<T>): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value as T;
  const kept = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutNulls(field)])) as T;
}
