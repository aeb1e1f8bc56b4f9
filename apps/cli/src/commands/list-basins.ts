// `list-basins`: one basin a line.
// Spec: CLI section 2.

import type { Input } from "../command.js";
import type { Context } from "../context.js";
import { listBasins } from "../listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  await listBasins(await context.client(), input, context.out);
}
