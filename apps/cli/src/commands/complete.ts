// `complete`: one candidate a line for the last of the given words. It may ask the server that the
// line names for names, for a second at most, and never fails: a shell would print the error into
// the prompt. Spec: cli#version-and-updates.

import { readConfig } from "../files/config-file.js";
import { contextsOf } from "../files/contexts.js";
import type { CommandSpec } from "../frame/command.js";
import { completeWords, type NameSource, typedGlobals } from "../frame/completion.js";
import { Context } from "../frame/context.js";
import { GLOBAL_OPTIONS } from "../frame/global-options.js";
import { Input } from "../frame/input.js";
import { formatStreamUri } from "../values/uri.js";

const PATIENCE_MS = 1000;
const MAX_NAMES = 100;

export async function run(
  context: Context,
  input: Input,
  commands: readonly CommandSpec[],
): Promise<undefined> {
  const words = input.get<readonly string[]>("typed") ?? [];
  const typed = typedGlobals(words);
  const asTyped = new Context(
    context,
    new Input(
      new Map(GLOBAL_OPTIONS.map(({ name }) => [name, typed.get(name) ?? input.get(name)])),
      new Set(typed.keys()),
    ),
  );
  try {
    const candidates = await completeWords(words, commands, namesFrom(asTyped));
    for (const candidate of candidates) await context.out.line(candidate);
  } finally {
    await asTyped.close();
  }
}

function namesFrom(context: Context): NameSource {
  const quietly = async (ask: (signal: AbortSignal) => Promise<string[]>): Promise<string[]> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    // Also when what takes so long is no request: a keyring may ask to be unlocked first.
    const tooLate = new Promise<string[]>((resolve) => {
      signal.addEventListener("abort", () => resolve([]), { once: true });
    });
    try {
      return await Promise.race([ask(signal), tooLate]);
    } catch {
      return [];
    }
  };
  return {
    basins: (prefix) =>
      quietly(async (signal) => {
        const client = await context.client();
        const { basins } = await client.basins.list({ prefix, limit: MAX_NAMES }, { signal });
        return basins.map(({ name }) => name);
      }),
    streams: (basin, prefix) =>
      quietly(async (signal) => {
        const client = await context.client();
        const { streams } = await client
          .basin(basin)
          .streams.list({ prefix, limit: MAX_NAMES }, { signal });
        return streams.map(({ name }) => formatStreamUri(basin, name));
      }),
    contexts: () =>
      quietly(async () => contextsOf(await readConfig(context.env)).map(({ name }) => name)),
  };
}
