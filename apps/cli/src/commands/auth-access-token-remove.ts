// `auth access-token remove`: forgets the token on this machine only.
// Spec: cli#stored-tokens.

import { removeToken } from "../credentials/stored-token.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { warnOfEarlierTokens } from "../show/earlier-tokens.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const { out } = context;
  const { wasThere, leftover } = await removeToken(context.env);
  if (!wasThere) {
    out.ok("No access token was stored");
    return;
  }
  out.ok("Access token removed");
  out.say("  - here only; revoke it on the server: s2kit revoke-access-token");
  if (leftover !== undefined) out.warn(leftover);
  await warnOfEarlierTokens(context);
}
