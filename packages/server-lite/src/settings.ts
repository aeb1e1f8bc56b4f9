// What a server can be told: plain values that a configuration file could hold. Injected things
// (clock, storage, logger) are components, not settings.

import { parseStreamName, S2Error } from "@s2kit/core";
import { checkQuotas, type QuotaSettings } from "./backend/access/quotas.js";
import { checkLocations, DEFAULT_LOCATIONS } from "./backend/control/locations.js";
import { PRICE_NAMES, type UsagePrices } from "./backend/usage/billable-usage.js";
import { type CorsRules, type CorsSettings, resolveCors } from "./exchange/cors.js";
import { checkAllowedHosts } from "./exchange/hosts.js";
import type { TlsSettings } from "./http/certificate.js";
import { checkStorage, type StorageSettings } from "./storage-settings.js";

export type { ClusterSettings, StorageSettings } from "./storage-settings.js";

/** Settings of a server: plain values. All have defaults. */
export interface ServerSettings {
  /** Address to bind. Default `127.0.0.1`; another than loopback needs `auth` or `allowRemote`. */
  readonly host?: string | undefined;
  /** Default 8080; 0 takes any free port. */
  readonly port?: number | undefined;
  /** Default memory. */
  readonly storage?: StorageSettings | undefined;
  /**
   * Asks every request for an access token. Default: true with a `rootToken`, else false: tokens
   * are ignored, and pages of browsers are let in by `cors` and `allowedHosts`.
   */
  readonly auth?: boolean | undefined;
  /**
   * The token that may do everything, at least 16 characters; implies `auth`. Default with `auth`:
   * made and shown at the first start.
   */
  readonly rootToken?: string | undefined;
  /** Accepts requests from other machines although nothing checks who they are. Default false. */
  readonly allowRemote?: boolean | undefined;
  /** @deprecated the older name of `allowRemote` */
  readonly insecure?: boolean | undefined;
  /** Speaks TLS with this certificate. Default: cleartext. */
  readonly tls?: TlsSettings | undefined;
  /**
   * Browser origins that may call. Default with `auth`: all, else those of this machine, which a
   * list adds to; `false` sends no CORS headers.
   */
  readonly cors?: CorsSettings | undefined;
  /**
   * Without `auth`: host names that requests may name beside addresses, names without a dot,
   * `.localhost`, `.internal`, `host` and the basin zone; such as that of a reverse proxy. With a
   * leading dot also every name below.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Serves the page for people at `/studio` and `/dashboard`, when `@s2kit/studio` is installed.
   * Default true on loopback and with `auth`: without it, whoever reaches another address may do
   * anything.
   */
  readonly studio?: boolean | undefined;
  /** Requests to host `{basin}.{basinZone}` mean that basin, unless `s2-basin` says another. */
  readonly basinZone?: string | undefined;
  /** Path of a JSON file with basins and streams to make before listening. */
  readonly initFile?: string | undefined;
  /**
   * Locations that basins may name; the first is the default until another is set. Labels only: a
   * server has one place. Default `local`, and the names of the hosted service.
   */
  readonly locations?: readonly string[] | undefined;
  /**
   * What usage costs, in US dollars, for the metric set `estimated-billable-usage`. Default:
   * nothing, since whoever runs a server pays nobody by record.
   */
  readonly prices?: UsagePrices | undefined;
  /**
   * Stream of OTLP telemetry whose resource names none, when the request does not either. Default:
   * such telemetry is refused.
   */
  readonly otlpDefaultStream?: string | undefined;
  /** Rates of appends and concurrent readers, per stream and per token. Default: none. */
  readonly limits?: QuotaSettings | undefined;
  /** Metered bytes of appends between arrival and durability, whole server. Default 128 MiB. */
  readonly appendInflightBytes?: number | undefined;
  /**
   * How long a graceful stop waits for what runs, ms. Default 5000: with what comes behind it,
   * below the 10 s after which container runtimes kill.
   */
  readonly drainGraceMs?: number | undefined;
  /** A connection must finish the headers of a request within this, ms. Default 10 000. */
  readonly headersTimeoutMs?: number | undefined;
  /** A whole body must arrive, and an answer be taken, within this, ms. Default 60 000. */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * What the server may hold for its clients, all together, in bytes: bodies, unfinished frames and
   * upload windows in one half; answers, read steps, live batches and the read cache of a bucket in
   * the other. Beside it come the appends in flight and the caches of the newest records.
   * At least 32 MiB. Default 512 MiB.
   */
  readonly maxHeldBytes?: number | undefined;
}

/** Settings with every default filled in. */
export interface ResolvedSettings {
  readonly host: string;
  readonly port: number;
  readonly storage: StorageSettings;
  readonly auth: boolean;
  readonly rootToken: string | undefined;
  readonly allowRemote: boolean;
  readonly tls: TlsSettings | undefined;
  readonly cors: CorsRules;
  readonly allowedHosts: readonly string[];
  readonly studio: boolean;
  readonly basinZone: string | undefined;
  readonly initFile: string | undefined;
  readonly locations: readonly string[];
  readonly prices: UsagePrices;
  readonly otlpDefaultStream: string | undefined;
  readonly limits: QuotaSettings;
  readonly appendInflightBytes: number;
  readonly drainGraceMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly maxHeldBytes: number;
}

const DEFAULT_HOST = "127.0.0.1";

/** The node-wide budget must let at least one batch of any size through. */
const MIN_INFLIGHT_BYTES = 1024 * 1024;

const MIN_ROOT_TOKEN_CHARS = 16;

/** A few bodies of the largest size must fit at once. */
const MIN_HELD_BYTES = 32 * 1024 * 1024;

/** @throws {S2Error} `INVALID_ARGUMENT` */
export function resolveSettings(settings: ServerSettings): ResolvedSettings {
  const auth = settings.auth ?? settings.rootToken !== undefined;
  const resolved = {
    host: settings.host ?? DEFAULT_HOST,
    port: settings.port ?? 8080,
    storage: settings.storage ?? { kind: "memory" as const },
    auth,
    rootToken: settings.rootToken,
    allowRemote: settings.allowRemote ?? settings.insecure ?? false,
    tls: settings.tls,
    cors: resolveCors(settings.cors, auth),
    allowedHosts: checkAllowedHosts(settings.allowedHosts ?? []),
    studio: settings.studio ?? (auth || isLoopback(settings.host ?? DEFAULT_HOST)),
    basinZone: settings.basinZone?.toLowerCase(),
    initFile: settings.initFile,
    locations: settings.locations ?? DEFAULT_LOCATIONS,
    prices: settings.prices ?? {},
    otlpDefaultStream: checkStreamName(settings.otlpDefaultStream),
    limits: settings.limits ?? {},
    appendInflightBytes: settings.appendInflightBytes ?? 128 * 1024 * 1024,
    drainGraceMs: settings.drainGraceMs ?? 5000,
    headersTimeoutMs: settings.headersTimeoutMs ?? 10_000,
    bodyTimeoutMs: settings.bodyTimeoutMs ?? 60_000,
    maxHeldBytes: settings.maxHeldBytes ?? 512 * 1024 * 1024,
  };
  if (!Number.isInteger(resolved.port) || resolved.port < 0 || resolved.port > 65_535)
    throw invalidArgument(`port must be an integer from 0 to 65535 port=${resolved.port}`);
  checkLocations(resolved.locations);
  checkStorage(resolved.storage, resolved.host);
  checkPrices(resolved.prices);
  checkQuotas(resolved.limits);
  if (!(resolved.appendInflightBytes >= MIN_INFLIGHT_BYTES))
    throw invalidArgument(`in-flight append bytes must be at least ${MIN_INFLIGHT_BYTES}`);
  if (!(resolved.maxHeldBytes >= MIN_HELD_BYTES))
    throw invalidArgument(`held bytes must be at least ${MIN_HELD_BYTES}`);
  checkRootToken(resolved);
  checkShared(resolved);
  if (!isLoopback(resolved.host) && !resolved.auth && !resolved.allowRemote)
    throw invalidArgument(
      `binding an address other than loopback needs auth, or allowRemote to serve whoever reaches the port host=${resolved.host}`,
    );
  return resolved;
}

function checkStreamName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : parseStreamName(name);
}

function checkPrices(prices: UsagePrices): void {
  for (const [name, usd] of Object.entries(prices)) {
    if (!(PRICE_NAMES as readonly string[]).includes(name))
      throw invalidArgument(`unknown price name=${name}; there are ${PRICE_NAMES.join(", ")}`);
    if (usd !== undefined && !(Number.isFinite(usd) && usd >= 0))
      throw invalidArgument(`a price must be a number of dollars, 0 or more name=${name}`);
  }
}

/** Refuses a root token without use, or one that could be guessed: nothing slows down who tries. */
function checkRootToken({ auth, rootToken }: ResolvedSettings): void {
  if (rootToken === undefined) return;
  if (!auth)
    throw invalidArgument(
      "a root token has no use without auth: leave auth out, or the root token",
    );
  if (rootToken.length < MIN_ROOT_TOKEN_CHARS)
    throw invalidArgument(
      `root token must have at least ${MIN_ROOT_TOKEN_CHARS} characters, such as those of \`openssl rand -hex 32\` length=${rootToken.length}`,
    );
  if (!/^[!-~]+$/.test(rootToken))
    throw invalidArgument("root token must be printable ASCII without spaces");
}

/** What a server can only do that has the whole store. */
function checkShared({ auth, rootToken, initFile, storage }: ResolvedSettings): void {
  if (storage.kind !== "bucket" || storage.cluster === undefined) return;
  if (auth && rootToken === undefined)
    throw invalidArgument("servers that share a store need a root token: the same for all of them");
  if (initFile !== undefined)
    throw invalidArgument(
      "an init file is for a server that has its store alone: use `s2kit apply` with this one",
    );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What a server is told breaks a rule: it does not start. */
export function invalidArgument(message: string): S2Error {
  return new S2Error({ code: "INVALID_ARGUMENT", message });
}
