// `complete`: one candidate a line for the last of the given words. It may ask the server for
// names, for a second at most, and never fails: a shell would print the error into the prompt.
// Spec: cli#version-and-updates.

import type { CommandSpec } from "../frame/command.js";
import { completeWords, type NameSource } from "../frame/completion.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { formatStreamUri } from "../values/uri.js";

const PATIENCE_MS = 1000;
const MAX_NAMES = 100;

export async function run(
  context: Context,
  input: Input,
  commands: readonly CommandSpec[],
): Promise<undefined> {
  const words = input.get<readonly string[]>("typed") ?? [];
  const candidates = await completeWords(words, commands, serverNames(context));
  for (const candidate of candidates) await context.out.line(candidate);
}

function serverNames(context: Context): NameSource {
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
  };
}
