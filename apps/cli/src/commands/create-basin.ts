// `create-basin`: fails when the name exists, unless --if-not-exists makes it an ensure.
// Spec: CLI section 4.

import { basinJson } from "../api-json.js";
import type { Context } from "../context.js";
import { given } from "../given.js";
import type { Input } from "../input.js";
import { basinConfigOf } from "../resource-config.js";
import { run as ensure } from "./ensure-basin.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  if (input.is("if-not-exists")) return await ensure(context, input);
  const config = basinConfigOf(input);
  const client = await context.client();
  const basin = await client.basins.create({
    basin: input.need<string>("basin"),
    config,
    ...given("location", input.get<string>("location")),
  });
  if (context.out.isJson) await context.out.json(basinJson(basin));
  else context.out.ok("Basin created");
}
