// `issue-access-token`: prints the secret, alone on stdout, this once. Never anywhere else.
// Spec: cli#access-token-commands.

import { reachesNoBasin, scopeOf } from "../flags/access-scope.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { given } from "../values/given.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const id = input.need<string>("id");
  const expiresInMs = input.get<number>("expires-in");
  const expiresAt =
    expiresInMs === undefined ? input.get<Date>("expires-at") : new Date(Date.now() + expiresInMs);
  const scope = scopeOf(input);
  const client = await context.client();
  const { accessToken } = await client.accessTokens.issue({
    id,
    scope,
    autoPrefixStreams: input.is("auto-prefix-streams"),
    ...given("expiresAt", expiresAt),
  });
  if (context.out.isJson) await context.out.json({ access_token: accessToken });
  else await context.out.line(accessToken);
  if (reachesNoBasin(scope))
    context.out.warn("this token reaches no basin; --basins-prefix '' means all of them");
}
