// `reconfigure-stream`: sends only what was given.
// Spec: cli#configuration-flags, cli#conventions.

import { streamConfigToJson } from "@s2kit/core/control";
import { streamReconfigurationOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { fieldTable, streamFields } from "../show/config-view.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const patch = streamReconfigurationOf(input);
  const client = await context.client();
  const config = await client.basin(basin).streams.reconfigure({ stream, ...patch });
  context.out.ok("Stream reconfigured");
  if (context.out.isJson) await context.out.json(streamConfigToJson(config));
  else await context.out.line(fieldTable(streamFields(config), context.out));
}
