// `get-default-location`: where a basin lives when nothing is said.
// Spec: cli#locations-commands.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { showLocation } from "../show/location-view.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const client = await context.client();
  await showLocation(context.out, await client.locations.getDefault());
}
