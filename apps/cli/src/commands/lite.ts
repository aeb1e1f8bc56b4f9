// `lite`: a server in this process. Durable by default, in a directory that it names; serves this
// machine only unless told otherwise. The first signal drains, the second leaves.
// Spec: cli#lite. Deviations: port 8080 and loopback by default, durable instead of in memory.

import { writeFile } from "node:fs/promises";
import type { S2Server, ServerSettings } from "@s2kit/server-lite";
import type { CommandSpec } from "../frame/command.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { VERSION } from "../frame/version.js";
import { isReadByOthers, withConfigFile } from "../serving/lite-config.js";
import { liteSettings } from "../serving/lite-settings.js";
import { placeOf } from "../serving/lite-storage.js";
import { listenUnlessInterrupted, serveUntilInterrupted } from "../serving/serve.js";
import {
  createServerLog,
  type LogFormat,
  type LogLevel,
  type LogSettings,
} from "../serving/server-log.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";

export async function run(
  context: Context,
  typed: Input,
  commands: readonly CommandSpec[],
): Promise<ExitCode> {
  const { out, env } = context;
  const options = commands.find(({ name }) => name === "lite")?.options ?? [];
  const input = await withConfigFile(typed, options);
  const settings = await liteSettings(input, env);
  await warnOfReaders(out, typed, settings);
  if (input.hasAny("wal-local-root"))
    out.warn("--wal-local-root is ignored: the log is where the data is");
  if (env.S2KIT_ROOT_TOKEN === "") out.warn("S2KIT_ROOT_TOKEN is empty: it sets no root token");
  const { createLineSink, createServer } = await import("@s2kit/server-lite");
  const logger = createServerLog(out, logSettings(input, out), createLineSink);
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

function logSettings(input: Input, out: Output): LogSettings {
  const format = input.get<LogFormat>("log-format");
  return {
    format: out.isQuiet ? "none" : (format ?? (out.stderr.isTTY === true ? "pretty" : "json")),
    level: input.need<LogLevel>("log-level"),
  };
}

/** A file that says the root token should be for those who may know it. */
async function warnOfReaders(out: Output, typed: Input, settings: ServerSettings): Promise<void> {
  const path = typed.get<string>("config");
  if (path === undefined || settings.rootToken === undefined || typed.isGiven("root-token")) return;
  if (await isReadByOthers(path))
    out.warn(`others of this machine may read the root token in ${path}: chmod 600`);
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
  const { storage } = settings;
  const place = placeOf(storage);
  const shownUrl = url.replace(/0\.0\.0\.0|\[::\]/, "localhost");
  const studio = settings.studio === true ? `${shownUrl}/studio` : null;
  if (out.isJson) {
    const token = server.rootToken === undefined ? {} : { root_token: server.rootToken };
    await out.json({
      url,
      host,
      port,
      storage: storage?.kind,
      directory: storage?.kind === "disk" ? place : null,
      ...(storage?.kind === "bucket" ? { bucket: place } : {}),
      studio,
      ...token,
    });
    return;
  }
  const bold = (text: string): string => out.talk.paint(text, "bold");
  out.say(`${bold("s2kit lite")} ${VERSION} at ${bold(url)}`);
  out.say(`  storage: ${place ?? "in memory; nothing survives the process"}`);
  if (server.rootToken !== undefined) out.say(`  root token, shown this once: ${server.rootToken}`);
  if (studio !== null) out.say(`  studio:  ${studio}`);
  out.say();
  out.say(`  export S2_ACCOUNT_ENDPOINT=${shownUrl}`);
  out.say(`  export S2_BASIN_ENDPOINT=${shownUrl}`);
  if (settings.auth !== true) out.say("  export S2_ACCESS_TOKEN=ignored");
  if (input.is("tls-self")) out.say("  export S2_SSL_NO_VERIFY=1");
  out.say();
}
