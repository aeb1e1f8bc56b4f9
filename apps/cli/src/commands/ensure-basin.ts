// `ensure-basin`: creates, or brings what is there to the given configuration; what is not given
// takes its default. Spec: cli#apply.

import { basinConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { basinJson } from "../show/api-json.js";
import { provisionText } from "../show/provision.js";
import { given } from "../values/given.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const config = basinConfigOf(input);
  const client = await context.client();
  const { result, basin } = await client.basins.ensure({
    basin: input.need<string>("basin"),
    config,
    ...given("location", input.get<string>("location")),
  });
  if (context.out.isJson) await context.out.json({ result, basin: basinJson(basin) });
  else context.out.ok(`Basin ${provisionText(result)}`);
}
