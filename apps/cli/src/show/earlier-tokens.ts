// What every command about stored tokens says while something goes before them: a token in the
// environment, or a context. Spec: cli#precedence, cli#contexts.

import { readConfig } from "../files/config-file.js";
import { usedContextName } from "../files/contexts.js";
import type { Context } from "../frame/context.js";

export async function warnOfEarlierTokens({ env, out }: Context): Promise<void> {
  if (env.S2_ACCESS_TOKEN !== undefined && env.S2_ACCESS_TOKEN !== "")
    out.warn("S2_ACCESS_TOKEN is set and goes before stored tokens");
  const used = usedContextName(await readConfig(env));
  if (used !== undefined)
    out.warn(`the context ${used} is in use and has its own token, or none: s2kit context show`);
}
