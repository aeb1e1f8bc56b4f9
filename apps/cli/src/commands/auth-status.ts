// `auth status`: tries the cheapest call and says how it went, all on stderr; the exit code tells.
// Being told "not permitted" means that the token is known. Spec: cli#auth-status.

import { S2Error } from "@s2kit/core";
import type { Connection } from "../frame/connection.js";
import { CLOUD_ENDPOINTS } from "../frame/connection.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";

export async function run(context: Context, _input: Input): Promise<ExitCode> {
  const { out } = context;
  const connection = await context.connection();
  const { host } = new URL(connection.endpoints.account);
  out.say(
    out.talk.paint(
      connection.endpoints.account === CLOUD_ENDPOINTS.account ? "s2.dev" : host,
      "bold",
    ),
  );
  if (connection.context !== undefined) out.say(`  - context ${connection.context}`);
  const outcome = await probe(context);
  const isFine = report(out, connection, outcome);
  if (out.isJson)
    await out.json({
      endpoint: connection.endpoints.account,
      context: connection.context ?? null,
      token_source: connection.tokenSource,
      ok: isFine,
    });
  return isFine ? EXIT.ok : EXIT.failed;
}

async function probe(context: Context): Promise<S2Error | undefined> {
  const client = await context.client();
  try {
    await client.basins.list({ limit: 1 });
    return undefined;
  } catch (error) {
    if (error instanceof S2Error) return error;
    throw error;
  }
}

function report(out: Output, connection: Connection, failure: S2Error | undefined): boolean {
  const isKnown = failure === undefined || failure.code === "permission_denied";
  if (isKnown && connection.tokenSource.startsWith("none")) {
    out.ok("Connected to local S2 endpoint");
    out.say("  - no token is set; this server may not check any");
    return true;
  }
  if (isKnown) {
    out.ok(`Logged in with: ${connection.tokenSource}`);
    return true;
  }
  const mark = out.talk.paint(out.talk.glyph.failed, "red", "bold");
  if (failure.code === "authn") {
    out.say(`${mark} Authentication failed for: ${connection.tokenSource}`);
    out.say("  - replace it with S2_ACCESS_TOKEN or: s2kit auth access-token set");
  } else out.warn(`Could not verify: ${failure.message}`);
  return false;
}
