// Questions before something is lost. Only on a terminal: a script is never asked, as scripts of
// the field's tools are not. The prompt library is loaded only here.
// Spec: cli#deletion, cli#conventions.

import { CliError } from "../values/failure.js";
import type { Context } from "./context.js";
import type { Input } from "./input.js";

/**
 * @param name - what must be typed; undefined asks for yes or no
 * @throws {CliError} when the person declines
 */
export async function confirmName(
  context: Context,
  input: Input,
  what: string,
  name: string | undefined,
): Promise<void> {
  const isAsked = context.stdin.isTTY === true && context.out.stderr.isTTY === true;
  if (!isAsked || input.is("yes")) return;
  const { confirm, text } = await import("@clack/prompts");
  const streams = { input: context.stdin, output: context.out.stderr };
  const agreed =
    name === undefined
      ? await confirm({ message: `Delete ${what}?`, initialValue: false, ...streams })
      : (await text({ message: `Type the name to delete ${what}`, ...streams })) === name;
  if (agreed !== true)
    throw new CliError("nothing was deleted", { hint: "--yes skips the question" });
}
