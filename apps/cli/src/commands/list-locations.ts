// `list-locations`: where basins may live, one a line.
// Spec: cli#locations-commands.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { showLocation } from "../show/location-view.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const client = await context.client();
  for (const location of await client.locations.list()) await showLocation(context.out, location);
}
