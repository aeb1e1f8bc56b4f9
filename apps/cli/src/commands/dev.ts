// `dev`: a server in memory that is ready to use: a basin whose streams come into being when they
// are written or read. With a command behind `--` it sets the environment for it, runs it, and ends
// with it and its exit code. Spec: cli#conventions.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { S2 } from "@s2kit/client";
import { createServer } from "@s2kit/server-lite";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { openBrowser } from "../serving/open-browser.js";
import { listenUnlessInterrupted, serveUntilInterrupted } from "../serving/serve.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out } = context;
  const basin = input.need<string>("basin-name");
  const server = createServer({ port: input.need<number>("port"), storage: { kind: "memory" } });
  try {
    const address = await listenUnlessInterrupted(context, server);
    if (address === undefined) return EXIT.interrupted;
    const { url } = address;
    const client = new S2({ accessToken: "ignored", endpoints: { account: url, basin: url } });
    await client.basins.create({
      basin,
      config: { createStreamOnAppend: true, createStreamOnRead: true },
    });
    await client.close();
    const command = input.get<readonly string[]>("command") ?? [];
    const environment = environmentOf(url, basin);
    if (command.length > 0) return await runChild(context, command, environment);
    if (out.isJson) await out.json({ url, basin });
    out.say(`${out.talk.paint("s2kit dev", "bold")} at ${url}; nothing survives the process`);
    out.say(`  studio  ${url}/studio`);
    if (!input.is("no-open")) openBrowser(context, `${url}/studio`);
    out.say();
    for (const [name, value] of Object.entries(environment)) out.say(`  export ${name}=${value}`);
    out.say();
    out.say(`  echo hello | s2kit append s2://${basin}/any-name`);
    out.say(`  s2kit tail -f s2://${basin}/any-name`);
    await serveUntilInterrupted(context, server);
    return EXIT.ok;
  } finally {
    await server.close();
  }
}

function environmentOf(url: string, basin: string): Readonly<Record<string, string>> {
  return {
    S2_ENDPOINT: url,
    S2_ACCOUNT_ENDPOINT: url,
    S2_BASIN_ENDPOINT: url,
    S2_ACCESS_TOKEN: "ignored",
    S2_BASIN: basin,
  };
}

/** A signal to us goes on to the child; its end is ours. */
async function runChild(
  { interrupt, env }: Context,
  [file = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ExitCode> {
  const child = spawn(file, args, { stdio: "inherit", env: { ...env, ...environment } });
  const onInterrupt = (): void => void child.kill("SIGTERM");
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  return await new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new CliError(`cannot run the command command=${file}`, { exitCode: 2, cause })),
    );
    child.once("close", (code, signal) =>
      // The code of the child is passed on as it is, also one that is not in our table.
      resolve((code ?? 128 + (signal === null ? 0 : constants.signals[signal])) as ExitCode),
    );
  });
}
