// Stand-ins for managers whose code is loaded with their first call: a page that only reads and
// writes does not pay for them. Spec: sdk#in-browsers.

import type { AccountManagers } from "./account-managers.js";
import type { Pages } from "./pages.js";

type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** @param load - called with each first use; what it gives is kept */
export function lateManagers(load: () => Promise<AccountManagers>): AccountManagers {
  let loaded: Promise<AccountManagers> | undefined;
  const managers = (): Promise<AccountManagers> => (loaded ??= load());
  const later = (manager: keyof AccountManagers, names: readonly string[]): Methods =>
    Object.fromEntries(
      names.map((name) => [
        name,
        async (...args: unknown[]) => {
          const methods = (await managers())[manager] as unknown as Methods;
          return methods[name]?.(...args);
        },
      ]),
    );
  const accessTokens = {
    ...later("accessTokens", ["list", "issue", "revoke"]),
    listAll: (...args: Parameters<AccountManagers["accessTokens"]["listAll"]>) =>
      latePages(async () => (await managers()).accessTokens.listAll(...args)),
  };
  return {
    accessTokens,
    locations: later("locations", ["list", "getDefault", "setDefault"]),
    metrics: later("metrics", ["account", "basin", "stream"]),
  } as unknown as AccountManagers;
}

function latePages<T>(open: () => Promise<Pages<T>>): Pages<T> {
  return {
    async *[Symbol.asyncIterator]() {
      yield* await open();
    },
    toArray: async () => (await open()).toArray(),
    async *pages() {
      yield* (await open()).pages();
    },
  };
}
