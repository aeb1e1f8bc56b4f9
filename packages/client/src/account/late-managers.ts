// Stand-ins for managers whose code is loaded with their first call: a page that only reads and
// writes does not pay for them. Spec: sdk#in-browsers.

import type { AccountManagers } from "./managers.js";
import type { Pages } from "./pages.js";

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

const OF_RESOURCES = ["list", "create", "ensure", "getConfig", "reconfigure", "delete"];
const OF_STREAMS = [...OF_RESOURCES, "issueReadTicket"];

/** @param load - called with each first use; what it gives is kept */
export function lateManagers(load: () => Promise<AccountManagers>): AccountManagers {
  let loaded: Promise<AccountManagers> | undefined;
  const later = (
    pick: (managers: AccountManagers) => unknown,
    names: readonly string[],
    isPaged = false,
  ): unknown => {
    const call = async (name: string, args: unknown[]): Promise<unknown> =>
      (pick(await (loaded ??= load())) as Methods)[name]?.(...args);
    const methods: Record<string, (...args: unknown[]) => unknown> = {};
    for (const name of names) methods[name] = (...args) => call(name, args);
    if (isPaged)
      methods["listAll"] = (...args) =>
        latePages(() => call("listAll", args) as Promise<Pages<unknown>>);
    return methods;
  };
  return {
    basins: later(({ basins }) => basins, OF_RESOURCES, true),
    accessTokens: later(({ accessTokens }) => accessTokens, ["list", "issue", "revoke"], true),
    locations: later(({ locations }) => locations, ["list", "getDefault", "setDefault"]),
    metrics: later(({ metrics }) => metrics, ["account", "basin", "stream"]),
    streamsOf: (basin) => later((managers) => managers.streamsOf(basin), OF_STREAMS, true),
  } as AccountManagers;
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
