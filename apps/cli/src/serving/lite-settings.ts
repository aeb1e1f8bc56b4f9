// What the flags of `lite` mean to the server, checked where they would contradict each other.
// Spec: cli#lite.

import { readFile } from "node:fs/promises";
import type { QuotaLimits, ServerSettings } from "@s2kit/server-lite";
import { isLoopbackHost } from "../frame/connection.js";
import type { Input } from "../frame/input.js";
import { CliError, usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import type { Price } from "../values/server-values.js";
import { sharedStorage } from "./lite-cluster.js";
import { storageOf } from "./lite-storage.js";

/**
 * @throws {CliError} exit code 2 for flags that contradict each other, or leave a server open
 */
export async function liteSettings(input: Input, env: NodeJS.ProcessEnv): Promise<ServerSettings> {
  const certificate = input.get<string>("tls-cert");
  const key = input.get<string>("tls-key");
  if ((certificate === undefined) !== (key === undefined))
    throw usageError("--tls-cert and --tls-key go together");
  const host = input.need<string>("host");
  const isOpen = input.is("allow-remote") || input.is("insecure");
  const rootToken = input.get<string>("root-token");
  const isGuarded = input.is("auth") || rootToken !== undefined;
  if (!isLoopbackHost(host) && !isGuarded && !isOpen)
    throw usageError(
      `an address that other machines reach needs authentication host=${host}`,
      "add --auth (clients need a token), or --allow-remote (whoever reaches the port may do anything)",
    );
  return {
    host,
    port: input.need<number>("port"),
    storage: await sharedStorage(input, storageOf(input, env)),
    allowRemote: isOpen,
    auth: isGuarded,
    ...given("rootToken", rootToken),
    ...given("tls", await tlsOf(input, certificate, key)),
    ...given("cors", corsOf(input)),
    ...given("allowedHosts", input.get<readonly string[]>("allowed-host")),
    // Flags of both kinds are refused before; what is left to contradict is the environment.
    studio:
      input.is("studio") ||
      (!input.hasAny("no-studio", "no-dashboard") && (isGuarded || isLoopbackHost(host))),
    appendInflightBytes: input.need<number>("append-inflight-bytes"),
    maxHeldBytes: input.need<number>("max-held-bytes"),
    headersTimeoutMs: input.need<number>("headers-timeout"),
    bodyTimeoutMs: input.need<number>("body-timeout"),
    ...given("basinZone", input.get<string>("basin-zone")),
    ...given("locations", input.get<readonly (readonly string[])[]>("locations")?.flat()),
    ...given("otlpDefaultStream", input.get<string>("otlp-default-stream")),
    ...given("prices", pricesOf(input)),
    ...given("initFile", input.get<string>("init-file")),
    limits: { perStream: limitsOf(input, "stream"), perToken: limitsOf(input, "token") },
    drainGraceMs: input.need<number>("shutdown-grace"),
  };
}

function pricesOf(input: Input): ServerSettings["prices"] {
  const prices = input.get<readonly Price[]>("price");
  return prices && Object.fromEntries(prices.map(({ name, usd }) => [name, usd]));
}

function corsOf(input: Input): ServerSettings["cors"] {
  const origins = input.get<readonly string[]>("cors-origin");
  if (input.is("no-cors")) return false;
  return origins === undefined ? undefined : { origins };
}

async function tlsOf(
  input: Input,
  certificate: string | undefined,
  key: string | undefined,
): Promise<ServerSettings["tls"] | undefined> {
  if (input.is("tls-self")) return { selfSigned: true };
  if (certificate === undefined || key === undefined) return undefined;
  try {
    return { cert: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  } catch (error) {
    throw new CliError("cannot read the TLS certificate or its key", { cause: error });
  }
}

function limitsOf(input: Input, subject: "stream" | "token"): QuotaLimits {
  const option = (name: string): number | undefined => input.get(`limit-${subject}-${name}`);
  return {
    ...given("appendBytesPerSec", option("append-bytes")),
    ...given("appendBatchesPerSec", option("append-batches")),
    ...given("concurrentReaders", option("readers")),
  };
}
