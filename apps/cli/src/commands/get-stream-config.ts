// `get-stream-config`: a table for people, the API's JSON for scripts.
// Spec: cli#lists-and-tables.

import { streamConfigToJson } from "@s2kit/core/control";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { fieldTable, streamFields } from "../show/config-view.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const client = await context.client();
  const config = await client.basin(basin).streams.getConfig({ stream });
  if (context.out.isJson) await context.out.json(streamConfigToJson(config));
  else await context.out.line(fieldTable(streamFields(config), context.out));
}
