// `create-basin`: fails when the name exists, unless --if-not-exists makes it an ensure.
// Spec: cli#basins-and-streams.

import { basinConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { basinJson } from "../show/api-json.js";
import { given } from "../values/given.js";
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
