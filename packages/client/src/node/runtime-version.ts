// Which runtimes that offer node:http2 can really carry sessions on it. Deno before 2.7.5 lacks
// calls, Bun before 1.3.11 never returns connection credit, workerd has no raw HTTP/2. Pure: takes
// the globals. Spec: sdk#which-carrier.

interface RuntimeGlobals {
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly Bun?: { readonly version?: string };
  readonly WebSocketPair?: unknown;
}

/** @param globals - `globalThis`, or a stand-in in tests */
export function canSpeakHttp2(globals: object): boolean {
  const { Deno, Bun, WebSocketPair } = globals as RuntimeGlobals;
  if (Deno !== undefined) return isAtLeast(Deno.version?.deno, [2, 7, 5]);
  if (Bun !== undefined) return isAtLeast(Bun.version, [1, 3, 11]);
  return WebSocketPair === undefined;
}

/** A prerelease sorts before its release. */
function isAtLeast(version: string | undefined, wanted: readonly number[]): boolean {
  const [, release = "", prerelease] = /^(\d+\.\d+\.\d+)(-.+)?/.exec(version ?? "") ?? [];
  const parts = release.split(".").map(Number);
  for (const [i, part] of wanted.entries()) {
    const have = parts[i] ?? -1;
    if (have !== part) return have > part;
  }
  return prerelease === undefined;
}
