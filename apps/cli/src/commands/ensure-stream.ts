// `ensure-stream`: creates, or brings what is there to the given configuration; what is not given
// takes its default. Spec: CLI section 10.2.

import { streamJson } from "../api-json.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { provisionText } from "../provision.js";
import { streamConfigOf } from "../resource-config.js";
import type { StreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const uri = input.need<StreamUri>("uri");
  const config = streamConfigOf(input);
  const client = await context.client();
  const { streams } = client.basin(uri.basin);
  const { result, stream } = await streams.ensure({ stream: uri.stream, config });
  if (context.out.isJson) await context.out.json({ result, stream: streamJson(stream, uri.basin) });
  else context.out.ok(`Stream ${provisionText(result)}`);
}
