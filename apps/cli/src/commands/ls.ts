// `ls`: basins, or the streams of a basin with their creation time.
// Spec: cli#lists-and-tables.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { listBasins, listStreams } from "../show/listing.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const client = await context.client();
  if (input.get("uri") === undefined) await listBasins(client, input, context.out);
  else await listStreams(client, input, context.out, true);
}
