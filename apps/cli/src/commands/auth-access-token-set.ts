// `auth access-token set`: from a hidden prompt on a terminal, from stdin when asked to. The token
// goes into the secret store of the platform, or into a file when that is asked for, and is never
// printed. Spec: cli#stored-tokens.

import { saveToken } from "../credentials/stored-token.js";
import { checkedToken } from "../files/config-file.js";
import { tokenFromPrompt, tokenFromStdin } from "../flags/given-token.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { warnOfEarlierTokens } from "../show/earlier-tokens.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const token = checkedToken(
    input.is("stdin") ? await tokenFromStdin(context) : await tokenFromPrompt(context),
  );
  const { out } = context;
  const saved = await saveToken(context.env, token, input.is("insecure-storage"));
  out.ok("Access token saved");
  if (saved.replaced) out.say("  - the previous token was replaced here; it is not revoked");
  out.say(`  - in ${saved.where}`);
  if (saved.leftover !== undefined) out.warn(saved.leftover);
  await warnOfEarlierTokens(context);
}
