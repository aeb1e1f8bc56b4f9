// `list-locations`: where basins may live, one a line.
// Spec: CLI section 9.

import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { showLocation } from "../location-view.js";

export async function run(context: Context, _input: Input): Promise<undefined> {
  const client = await context.client();
  for (const location of await client.locations.list()) await showLocation(context.out, location);
}
