// `list-streams`: one URI a line, ready to be piped back in.
// Spec: CLI section 2.

import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { listStreams } from "../listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  await listStreams(await context.client(), input, context.out, false);
}
