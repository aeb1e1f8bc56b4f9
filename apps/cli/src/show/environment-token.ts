// What every command about stored tokens says while the environment holds one: it goes before.
// Spec: cli#precedence.

import type { Context } from "../frame/context.js";

export function warnOfEnvironmentToken({ env, out }: Context): void {
  if (env.S2_ACCESS_TOKEN !== undefined && env.S2_ACCESS_TOKEN !== "")
    out.warn("S2_ACCESS_TOKEN is set and goes before stored tokens");
}
