// `auth access-token set`: from a hidden prompt on a terminal, from stdin when asked to. The token
// goes into a file of its own, mode 0600, and is never printed. Spec: CLI section 3.3.

import type { Input } from "../command.js";
import { checkedToken, storeToken } from "../config-file.js";
import type { Context } from "../context.js";
import { usageError } from "../failure.js";

const MAX_STDIN_BYTES: number = 1024 * 1024;

export async function run(context: Context, input: Input): Promise<undefined> {
  const token = checkedToken(
    input.is("stdin") ? await tokenFromStdin(context) : await tokenFromPrompt(context),
  );
  const { path, replaced } = await storeToken(context.env, token);
  context.out.ok("Access token saved");
  if (replaced) context.out.say("  - the previous token was replaced here; it is not revoked");
  context.out.say(`  - in the file ${path}, readable by you alone`);
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
