// `set-default-location`: for basins that are created from now on.
// Spec: cli#locations-commands.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { showLocation } from "../show/location-view.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const client = await context.client();
  const location = await client.locations.setDefault({ location: input.need<string>("location") });
  context.out.ok("Default location set");
  await showLocation(context.out, location);
}
