// `reconfigure-basin`: sends only what was given.
// Spec: cli#configuration-flags, cli#conventions.

import { basinConfigToJson } from "@s2kit/core/control";
import { basinReconfigurationOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { basinFields, fieldTable } from "../show/config-view.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const patch = basinReconfigurationOf(input);
  const client = await context.client();
  const config = await client.basins.reconfigure({ basin: input.need<string>("basin"), ...patch });
  context.out.ok("Basin reconfigured");
  if (context.out.isJson) await context.out.json(basinConfigToJson(config));
  else await context.out.line(fieldTable(basinFields(config), context.out));
}
