// `get-default-location`: where a basin lives when nothing is said.
// Spec: CLI section 9.

import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { showLocation } from "../location-view.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const client = await context.client();
  await showLocation(context.out, await client.locations.getDefault());
}
