// `get-basin-config`: a table for people, the API's JSON for scripts.
// Spec: cli#lists-and-tables.

import { basinConfigToJson } from "@s2kit/core/control";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { basinFields, fieldTable } from "../show/config-view.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const client = await context.client();
  const config = await client.basins.getConfig({ basin: input.need<string>("basin") });
  if (context.out.isJson) await context.out.json(basinConfigToJson(config));
  else await context.out.line(fieldTable(basinFields(config), context.out));
}
