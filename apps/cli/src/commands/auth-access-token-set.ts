// `auth access-token set`: from a hidden prompt on a terminal, from stdin when asked to. The token
// goes into the secret store of the platform, or into a file when that is asked for, and is never
// printed. Spec: cli#stored-tokens.

import { saveToken } from "../credentials/stored-token.js";
import { checkedToken } from "../files/config-file.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { warnOfEnvironmentToken } from "../show/environment-token.js";
import { usageError } from "../values/failure.js";

const MAX_STDIN_BYTES: number = 1024 * 1024;

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
  warnOfEnvironmentToken(context);
}

async function tokenFromStdin({ stdin }: Context): Promise<string> {
  if (stdin.isTTY === true)
    throw usageError("--stdin needs a pipe, not a terminal", "leave --stdin out to be asked");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_STDIN_BYTES) throw usageError("the access token on stdin is too long");
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

async function tokenFromPrompt({ stdin, out }: Context): Promise<string> {
  if (stdin.isTTY !== true)
    throw usageError("there is no terminal to ask on", "pipe the token in and add --stdin");
  const { password } = await import("@clack/prompts");
  const answer = await password({
    message: "Enter your access token:",
    input: stdin as typeof process.stdin,
    output: out.stderr,
  });
  if (typeof answer !== "string") throw usageError("no token was given");
  return answer;
}
