// `help`: topics that belong to no single command. `help <command>` never gets here: the parser
// turns it into `<command> --help`. Spec: cli#conventions.

import type { Context } from "../frame/context.js";
import { HELP_TOPICS } from "../frame/help-topics.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { usageError } from "../values/failure.js";
import { wrapped } from "../values/wrapped.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  const topic = (input.get<readonly string[]>("topic") ?? []).join(" ");
  const text = HELP_TOPICS.get(topic);
  if (text === undefined)
    throw usageError(
      topic === "" ? "help about what?" : `no such topic or command topic=${topic}`,
      `topics: ${[...HELP_TOPICS.keys()].join(", ")}; commands: s2kit --help`,
    );
  const [title = "", ...rest] = wrapped(text, out.dataColumns).split("\n");
  const lines = rest.map((line) => line.replace(/^( {2,3})(\S.*?)(?= {2})/, paintTerm(out)));
  await out.line([out.paintData(title, "green", "bold"), ...lines].join("\n"));
}

/** What is explained, before the gap behind it. */
function paintTerm(out: Output): (_: string, indent: string, term: string) => string {
  return (_, indent, term) => `${indent}${out.paintData(term, "blue", "bold")}`;
}
