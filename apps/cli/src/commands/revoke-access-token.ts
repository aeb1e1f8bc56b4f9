// `revoke-access-token`: the token is refused from now on, and cannot be restored.
// Spec: cli#access-token-commands.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const id = input.need<string>("id");
  const client = await context.client();
  await client.accessTokens.revoke({ id });
  if (context.out.isJson) await context.out.json({ id, revoked: true });
  else context.out.ok(`Access token '${id}' revoked`);
}
