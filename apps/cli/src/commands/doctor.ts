// `doctor`: looks at everything between here and the server, a line for each, with the next step
// where something is wrong. It changes nothing. Spec: cli#doctor.

import { randomBytes } from "node:crypto";
import { type S2, S2Endpoints } from "@s2kit/client";
import { healthFindings, tokenFinding } from "../doctor/ask-server.js";
import { type Finding, findingLines } from "../doctor/finding.js";
import { proxyFinding } from "../doctor/proxy-variables.js";
import { reachFindings } from "../doctor/reach.js";
import { transportFindings } from "../doctor/transports.js";
import type { Connection } from "../frame/connection.js";
import type { Context } from "../frame/context.js";
import type { HintConnection } from "../frame/error-report.js";
import type { Input } from "../frame/input.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";
import { parseStreamUri, type StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out } = context;
  let hasFailed = false;
  for await (const finding of findings(context, input)) {
    hasFailed ||= finding.state === "fail";
    if (out.isJson) await out.json(finding);
    else for (const line of findingLines(finding, out.data)) await out.line(line);
  }
  return hasFailed ? EXIT.failed : EXIT.ok;
}

/** Ends early where the rest cannot be tried. */
async function* findings(context: Context, input: Input): AsyncGenerator<Finding> {
  const found = await configured(context);
  if (!("endpoints" in found)) {
    yield found;
    return;
  }
  const { basin, stream } = input.get<StreamUri>("uri") ?? unknownStream();
  const endpoints = new S2Endpoints(found.endpoints);
  const account = new URL(endpoints.accountUrl());
  const streams = new URL(endpoints.basinUrl(basin));
  const { skipTlsVerification } = found;
  const reach = { connection: found, now: Date.now(), skipTlsVerification };
  if (found.context !== undefined)
    yield { check: "context", state: "ok", text: `${found.context} is in force` };
  yield proxyFinding(context.env, account);
  let isReached = true;
  for (const url of account.origin === streams.origin ? [account] : [account, streams])
    for await (const finding of reachFindings({ ...reach, url }, url === account ? "" : "basin ")) {
      isReached &&= finding.state !== "fail" || url === streams;
      yield finding;
    }
  if (!isReached) return;
  let isAnswered = false;
  for await (const finding of healthFindings(endpoints.accountUrl(), found)) {
    isAnswered = finding.check === "clock";
    yield finding;
  }
  if (!isAnswered) return;
  const { asking } = found;
  if ("check" in asking) {
    yield asking;
    return;
  }
  yield await tokenFinding(asking.client, asking.connection);
  yield* transportFindings({
    basin,
    stream,
    client: (transport) => context.client({ isProbe: true, transport }),
  });
}

/** In a basin that nobody has: what is asked of it comes back, and creates nothing. */
function unknownStream(): StreamUri {
  return parseStreamUri(`s2://s2kit-doctor-${randomBytes(4).toString("hex")}/probe`);
}

interface Asking {
  readonly connection: Connection;
  readonly client: S2;
}

interface Configured extends HintConnection {
  readonly skipTlsVerification: boolean;
  /** Or why no token is there. */
  readonly asking: Asking | Finding;
}

async function configured(context: Context): Promise<Configured | Finding> {
  try {
    const place = await context.place();
    context.trustAsTold(place);
    const asking = await askingOrFinding(context);
    const isMissing = "check" in asking;
    return {
      ...place,
      hasNoToken: isMissing || asking.connection.hasNoToken,
      tokenSource: isMissing ? "none" : asking.connection.tokenSource,
      asking,
    };
  } catch (error) {
    return findingOf("config", error);
  }
}

/** A token that is missing is a finding, and the rest is looked at without one. */
async function askingOrFinding(context: Context): Promise<Asking | Finding> {
  try {
    const connection = await context.connection();
    return { connection, client: await context.client({ isProbe: true }) };
  } catch (error) {
    return findingOf("token", error);
  }
}

/** Only for what the command line itself says; all else is a failure of this command. */
function findingOf(check: string, error: unknown): Finding {
  if (!(error instanceof CliError)) throw error;
  return { check, state: "fail", text: error.message, next: error.hint };
}
