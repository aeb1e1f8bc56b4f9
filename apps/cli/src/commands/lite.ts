// `lite`: a server in this process. Durable by default, in a directory that it names; serves this
// machine only unless told otherwise. The first signal drains, the second leaves.
// Spec: cli#lite. Deviations: port 8080 and loopback by default, durable instead of in memory.

import { readFile, writeFile } from "node:fs/promises";
import type { QuotaLimits, S2Server, ServerSettings } from "@s2kit/server-lite";
import { liteDirectory } from "../files/data-directory.js";
import { isLoopbackHost } from "../frame/connection.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { VERSION } from "../frame/version.js";
import { listenUnlessInterrupted, serveUntilInterrupted } from "../serving/serve.js";
import { createServerLog, type LogFormat } from "../serving/server-log.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError, usageError } from "../values/failure.js";
import { given } from "../values/given.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out, env } = context;
  const settings = await settingsOf(input, env);
  if (input.hasAny("wal-local-root"))
    out.warn("--wal-local-root is ignored: the log is in the data directory");
  if (env.S2KIT_ROOT_TOKEN === "") out.warn("S2KIT_ROOT_TOKEN is empty: it sets no root token");
  const { createLineSink, createServer } = await import("@s2kit/server-lite");
  const logger = createServerLog(out, logFormat(input, out), createLineSink);
  const server = createServer(settings, given("logger", logger));
  const address = await listenUnlessInterrupted(context, server);
  if (address === undefined) return EXIT.interrupted;
  try {
    await announce({ out, input, settings, server, ...address });
    const path = input.get<string>("ready-file");
    if (path !== undefined) await writeFile(path, `${address.url}\n`);
    await serveUntilInterrupted(context, server);
  } finally {
    await server.close();
  }
  return EXIT.ok;
}

async function settingsOf(input: Input, env: NodeJS.ProcessEnv): Promise<ServerSettings> {
  if (input.hasAny("bucket", "wal-bucket"))
    throw usageError("object storage is not supported", "use --local-root DIR, or --in-memory");
  if (input.hasAny("path"))
    throw usageError(
      "--path is a prefix in object storage, and no bucket is given",
      "leave it out; a directory for the data is --local-root DIR",
    );
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
  const directory =
    input.get<string>("local-root") ?? input.get<string>("data-dir") ?? liteDirectory(env);
  return {
    host,
    port: input.need<number>("port"),
    storage: input.is("in-memory")
      ? { kind: "memory" }
      : { kind: "disk", directory, takeOver: input.is("take-over") },
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
    ...given("initFile", input.get<string>("init-file")),
    limits: { perStream: limitsOf(input, "stream"), perToken: limitsOf(input, "token") },
    drainGraceMs: input.need<number>("shutdown-grace"),
  };
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

function logFormat(input: Input, out: Output): LogFormat {
  if (out.isQuiet) return "none";
  return input.get<LogFormat>("log-format") ?? (out.stderr.isTTY === true ? "pretty" : "json");
}

/** One JSON object on stdout for scripts; for people a banner with lines to paste. */
async function announce(started: {
  readonly out: Output;
  readonly input: Input;
  readonly settings: ServerSettings;
  readonly server: S2Server;
  readonly url: string;
  readonly host: string;
  readonly port: number;
}): Promise<void> {
  const { out, input, settings, server, url, host, port } = started;
  const directory = settings.storage?.kind === "disk" ? settings.storage.directory : null;
  const shownUrl = url.replace(/0\.0\.0\.0|\[::\]/, "localhost");
  const studio = settings.studio === true ? `${shownUrl}/studio` : null;
  if (out.isJson) {
    const token = server.rootToken === undefined ? {} : { root_token: server.rootToken };
    await out.json({
      url,
      host,
      port,
      storage: settings.storage?.kind,
      directory,
      studio,
      ...token,
    });
    return;
  }
  const bold = (text: string): string => out.talk.paint(text, "bold");
  out.say(`${bold("s2kit lite")} ${VERSION} at ${bold(url)}`);
  out.say(`  storage: ${directory ?? "in memory; nothing survives the process"}`);
  if (server.rootToken !== undefined) out.say(`  root token, shown this once: ${server.rootToken}`);
  if (studio !== null) out.say(`  studio:  ${studio}`);
  out.say();
  out.say(`  export S2_ACCOUNT_ENDPOINT=${shownUrl}`);
  out.say(`  export S2_BASIN_ENDPOINT=${shownUrl}`);
  if (settings.auth !== true) out.say("  export S2_ACCESS_TOKEN=ignored");
  if (input.is("tls-self")) out.say("  export S2_SSL_NO_VERIFY=1");
  out.say();
}
