// Settings from the environment. The only file that looks at it; it asks globalThis, because a bare
// `process` throws in browsers and on edge runtimes. Spec: sdk#environment.

import type { S2Options } from "./options.js";

interface EnvironmentGlobals {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly Deno?: { readonly env?: { get(name: string): string | undefined } };
}

/** Reads client options from environment variables; empty values count as unset. */
export const S2Environment: {
  /**
   * `S2_ACCESS_TOKEN`; `S2_ENDPOINT` for account and basins alike, or `S2_ACCOUNT_ENDPOINT` and
   * `S2_BASIN_ENDPOINT`, which win over it for their half. Each may be missing.
   */
  parse(): Partial<S2Options>;
} = {
  parse() {
    const accessToken = variable("S2_ACCESS_TOKEN");
    const both = variable("S2_ENDPOINT");
    const account = variable("S2_ACCOUNT_ENDPOINT") ?? both;
    const basin = variable("S2_BASIN_ENDPOINT") ?? both;
    return {
      ...(accessToken === undefined ? {} : { accessToken }),
      ...(account === undefined && basin === undefined ? {} : { endpoints: { account, basin } }),
    };
  },
};

function variable(name: string): string | undefined {
  const globals = globalThis as EnvironmentGlobals;
  const value = globals.process?.env?.[name] ?? denoVariable(globals, name);
  return value === undefined || value === "" ? undefined : value;
}

/** Deno refuses with an exception when the permission is missing. */
function denoVariable(globals: EnvironmentGlobals, name: string): string | undefined {
  try {
    return globals.Deno?.env?.get(name);
  } catch {
    return undefined;
  }
}
