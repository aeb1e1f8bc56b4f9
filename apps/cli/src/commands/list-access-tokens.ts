// `list-access-tokens`: two lines a token, an empty line between; without the secrets.
// Spec: cli#access-token-commands.

import type { AccessTokenInfo } from "@s2kit/client";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { accessTokenJson, accessTokenLines } from "../show/access-token-view.js";
import { given } from "../values/given.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { out } = context;
  const client = await context.client();
  const limit = input.get<number>("limit");
  const args = {
    ...given("prefix", input.get<string>("prefix")),
    ...given("startAfter", input.get<string>("start-after")),
  };
  let tokens: readonly AccessTokenInfo[];
  if (input.is("no-auto-paginate")) {
    const page = await client.accessTokens.list({ ...args, ...given("limit", limit) });
    tokens = page.accessTokens;
    if (page.hasMore) out.say(`more follows: --start-after ${JSON.stringify(tokens.at(-1)?.id)}`);
  } else
    tokens = await client.accessTokens.listAll({ ...args, ...given("maxItems", limit) }).toArray();
  if (out.isJson) {
    for (const token of tokens) await out.json(accessTokenJson(token));
    return;
  }
  const width = Math.max(0, ...tokens.map(({ id }) => id.length));
  const blocks = tokens.map((token) => accessTokenLines(token, width, out.data.glyph.nothing));
  if (blocks.length > 0) await out.line(blocks.map((lines) => lines.join("\n")).join("\n\n"));
}
