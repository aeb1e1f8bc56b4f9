// Where to connect and as whom: flags, then environment, then the configuration file, then the
// cloud. A connection that is only half configured is an error: falling back to the cloud would
// send data of a local test away. Spec: cli#environment, cli#precedence, cli#conventions.

import type { TomlTable } from "smol-toml";
import { keptTokenOf, readKeptToken } from "../credentials/kept-token.js";
import { readStoredToken } from "../credentials/stored-token.js";
import { configPath, readConfig, requireUrl } from "../files/config-file.js";
import { type ContextEntry, requireContext, storing, usedContextName } from "../files/contexts.js";
import { CliError, usageError } from "../values/failure.js";
import { parseBoolean } from "../values/flag-values.js";

export interface ConnectionFlags {
  readonly endpoint: string | undefined;
  readonly basinEndpoint: string | undefined;
  readonly token: string | undefined;
  /** Name of a context. */
  readonly context: string | undefined;
  readonly insecure: boolean;
}

/** Where to connect, without a token. */
export interface Place {
  readonly endpoints: { readonly account: string; readonly basin: string };
  /** Name of the context in force; undefined when none is. */
  readonly context: string | undefined;
  readonly isLoopback: boolean;
  readonly skipTlsVerification: boolean;
}

export interface Connection extends Place {
  readonly token: string;
  /** Where the token came from, for hints. */
  readonly tokenSource: string;
  /** None was given; the server is of this machine and may ask for none. */
  readonly hasNoToken: boolean;
  /** The token is in the configuration file, in plain text. */
  readonly isPlainToken: boolean;
  readonly compression: "none" | "gzip" | "zstd";
}

export const CLOUD_ENDPOINTS: { readonly account: string; readonly basin: string } = {
  account: "https://a.s2.dev",
  basin: "https://{basin}.b.s2.dev",
};

interface Found {
  readonly value: string;
  readonly source: string;
  readonly isPlain?: boolean;
  readonly isNone?: boolean;
}

/** @throws {CliError} exit code 2 for half or malformed endpoints, 3 for a missing token */
export async function resolveConnection(
  env: NodeJS.ProcessEnv,
  flags: ConnectionFlags,
): Promise<Connection> {
  const config = await readConfig(env);
  const chosen = chosenContext(env, flags, config);
  const place = placeOf(env, flags, config, chosen);
  const token = await resolveToken({ ...place, env, flags, config, chosen });
  return {
    ...place,
    token: token.value,
    tokenSource: token.source,
    hasNoToken: token.isNone === true,
    isPlainToken: token.isPlain === true,
    compression: resolveCompression(env, config),
  };
}

/** @throws {CliError} exit code 2 for half or malformed endpoints */
export async function resolvePlace(env: NodeJS.ProcessEnv, flags: ConnectionFlags): Promise<Place> {
  const config = await readConfig(env);
  return placeOf(env, flags, config, chosenContext(env, flags, config));
}

function placeOf(
  env: NodeJS.ProcessEnv,
  flags: ConnectionFlags,
  config: TomlTable,
  chosen: Chosen | undefined,
): Place {
  const endpoints = resolveEndpoints(env, flags, config, chosen);
  return {
    endpoints,
    context: chosen?.context.name,
    isLoopback: isLoopbackHost(requireUrl(endpoints.account, "account").hostname),
    skipTlsVerification: flags.insecure || resolveInsecure(env, config),
  };
}

/** Loopback of every form: all of 127/8, `::1`, `localhost` and names below it. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

interface Chosen {
  readonly context: ContextEntry;
  /** By `--context` or `S2_CONTEXT`: it goes before all else of the environment. */
  readonly isNamed: boolean;
}

/**
 * A context is in force whole or not at all: its token goes to its own endpoints and nowhere else.
 * Spec: cli#contexts.
 */
function chosenContext(
  env: NodeJS.ProcessEnv,
  flags: ConnectionFlags,
  config: TomlTable,
): Chosen | undefined {
  const isElsewhere =
    found(flags.endpoint, "") !== undefined || found(flags.basinEndpoint, "") !== undefined;
  const byFlag = found(flags.context, "--context");
  if (byFlag !== undefined && isElsewhere)
    throw usageError("option '--context' cannot be used with an option for endpoints");
  if (isElsewhere) return undefined;
  const named = byFlag ?? found(env.S2_CONTEXT, "S2_CONTEXT");
  if (named !== undefined)
    return { context: requireContext(config, named.value, named.source), isNamed: true };
  const used = usedContextName(config);
  const places = [env.S2_ENDPOINT, env.S2_ACCOUNT_ENDPOINT, env.S2_BASIN_ENDPOINT];
  if (used === undefined || places.some((place) => found(place, "") !== undefined))
    return undefined;
  return { context: requireContext(config, used, configPath(env)), isNamed: false };
}

function resolveEndpoints(
  env: NodeJS.ProcessEnv,
  flags: ConnectionFlags,
  config: TomlTable,
  chosen: Chosen | undefined,
): { account: string; basin: string } {
  if (chosen !== undefined) {
    const { name, accountEndpoint, basinEndpoint } = chosen.context;
    const source = `context ${name}`;
    checkPair({ value: accountEndpoint, source }, { value: basinEndpoint, source });
    return { account: accountEndpoint, basin: basinEndpoint };
  }
  const fromFile = (key: string): Found | undefined => {
    const value = config[key];
    return typeof value === "string" ? found(value, `${key} in ${configPath(env)}`) : undefined;
  };
  const account =
    found(flags.endpoint, "--endpoint") ??
    found(env.S2_ACCOUNT_ENDPOINT, "S2_ACCOUNT_ENDPOINT") ??
    found(env.S2_ENDPOINT, "S2_ENDPOINT") ??
    fromFile("account_endpoint");
  const basin =
    found(flags.basinEndpoint, "--basin-endpoint") ??
    found(flags.endpoint, "--endpoint") ??
    found(env.S2_BASIN_ENDPOINT, "S2_BASIN_ENDPOINT") ??
    found(env.S2_ENDPOINT, "S2_ENDPOINT") ??
    fromFile("basin_endpoint");
  if (account === undefined && basin === undefined) return CLOUD_ENDPOINTS;
  if (account === undefined || basin === undefined) {
    const [there, missing] =
      account === undefined
        ? [basin, "S2_ACCOUNT_ENDPOINT (or account_endpoint)"]
        : [account, "S2_BASIN_ENDPOINT (or basin_endpoint)"];
    throw usageError(
      `only one of the two endpoints is set source=${there?.source ?? "?"}`,
      `set ${missing} too, or S2_ENDPOINT for both; the cloud is never used as the other half`,
    );
  }
  checkPair(account, basin);
  return { account: account.value, basin: basin.value };
}

function checkPair(account: Found, basin: Found): void {
  const accountUrl = requireUrl(account.value, account.source);
  const basinUrl = requireUrl(basin.value.replace("{basin}", "basin"), basin.source);
  if (accountUrl.protocol !== basinUrl.protocol)
    throw usageError(
      `the two endpoints have different schemes account=${accountUrl.protocol}// basin=${basinUrl.protocol}//`,
      `they come from ${account.source} and ${basin.source}`,
    );
}

async function resolveToken(sources: {
  readonly env: NodeJS.ProcessEnv;
  readonly flags: ConnectionFlags;
  readonly config: TomlTable;
  readonly chosen: Chosen | undefined;
  readonly isLoopback: boolean;
}): Promise<Found> {
  const { env, flags, config, chosen, isLoopback } = sources;
  const given = found(flags.token, "--token");
  if (given !== undefined) return given;
  const fromEnv = found(env.S2_ACCESS_TOKEN, "environment S2_ACCESS_TOKEN");
  if (chosen?.isNamed === true) {
    const own = await contextToken(env, chosen.context);
    if (own !== undefined) return own;
  }
  if (fromEnv !== undefined) return fromEnv;
  if (chosen?.isNamed === false) {
    const own = await contextToken(env, chosen.context);
    if (own !== undefined) return own;
  }
  // The stored token was meant for another server than that of a context.
  const stored = chosen === undefined ? await readStoredToken(env, config) : undefined;
  if (stored !== undefined) {
    const { token, source, isPlain } = stored;
    return { value: token, source, isPlain };
  }
  if (isLoopback) return { value: "ignored", source: "none (local endpoint)", isNone: true };
  throw new CliError("missing access token", {
    exitCode: 3,
    hint: [
      `set S2_ACCESS_TOKEN, or store one: ${storing(chosen?.context.name)}`,
      "for a server on this machine: s2kit lite, then export S2_ENDPOINT=http://localhost:8080",
    ].join("\n"),
  });
}

async function contextToken(
  env: NodeJS.ProcessEnv,
  { name, token }: ContextEntry,
): Promise<Found | undefined> {
  const kept = keptTokenOf(token);
  if (kept === undefined) return undefined;
  const { token: value, where } = await readKeptToken(env, kept, storing(name));
  return { value, source: `context ${name}, in ${where}` };
}

function resolveCompression(env: NodeJS.ProcessEnv, config: TomlTable): "none" | "gzip" | "zstd" {
  const value = env.S2_COMPRESSION ?? config.compression;
  if (value === undefined || value === "" || value === "none") return "none";
  if (value === "gzip" || value === "zstd") return value;
  throw usageError(`compression must be gzip or zstd value=${JSON.stringify(value)}`);
}

function resolveInsecure(env: NodeJS.ProcessEnv, config: TomlTable): boolean {
  if (env.S2_SSL_NO_VERIFY !== undefined && env.S2_SSL_NO_VERIFY !== "")
    return parseBoolean(env.S2_SSL_NO_VERIFY);
  return config.ssl_no_verify === true;
}

/** An empty value counts as unset. */
function found(value: string | undefined, source: string): Found | undefined {
  return value === undefined || value === "" ? undefined : { value, source };
}
