// `list-basins`: one basin a line.
// Spec: cli#catalogue.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { listBasins } from "../show/listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  await listBasins(await context.client(), input, context.out);
}
