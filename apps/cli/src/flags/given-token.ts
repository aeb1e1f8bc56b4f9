// An access token that is given to keep: from stdin when that is asked for, or from a prompt that
// does not show it. Spec: cli#stored-tokens.

import type { Context } from "../frame/context.js";
import { usageError } from "../values/failure.js";

const MAX_STDIN_BYTES: number = 1024 * 1024;

export async function tokenFromStdin({ stdin }: Context): Promise<string> {
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

export async function tokenFromPrompt({ stdin, out }: Context): Promise<string> {
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
