// `list-basins`: one basin a line.
// Spec: CLI section 2.

import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { listBasins } from "../listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  await listBasins(await context.client(), input, context.out);
}
