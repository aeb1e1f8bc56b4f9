// `ensure-basin`: creates, or brings what is there to the given configuration; what is not given
// takes its default. Spec: CLI section 10.2.

import { basinJson } from "../api-json.js";
import type { Context } from "../context.js";
import { given } from "../given.js";
import type { Input } from "../input.js";
import { provisionText } from "../provision.js";
import { basinConfigOf } from "../resource-config.js";

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
