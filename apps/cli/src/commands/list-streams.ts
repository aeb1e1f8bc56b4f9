// `list-streams`: one URI a line, ready to be piped back in.
// Spec: cli#catalogue.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { listStreams } from "../show/listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  await listStreams(await context.client(), input, context.out, false);
}
