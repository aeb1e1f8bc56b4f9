// `reconfigure-stream`: sends only what was given.
// Spec: CLI sections 4.1 and 15 (24).

import { streamConfigToJson } from "@s2kit/core/control";
import { fieldTable, streamFields } from "../config-view.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { streamReconfigurationOf } from "../resource-config.js";
import type { StreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const patch = streamReconfigurationOf(input);
  const client = await context.client();
  const config = await client.basin(basin).streams.reconfigure({ stream, ...patch });
  context.out.ok("Stream reconfigured");
  if (context.out.isJson) await context.out.json(streamConfigToJson(config));
  else await context.out.line(fieldTable(streamFields(config)));
}
