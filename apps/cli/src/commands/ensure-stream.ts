// `ensure-stream`: creates, or brings what is there to the given configuration; what is not given
// takes its default. Spec: cli#apply.

import { streamConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { streamJson } from "../show/api-json.js";
import { provisionText } from "../show/provision.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const uri = input.need<StreamUri>("uri");
  const config = streamConfigOf(input);
  const client = await context.client();
  const { streams } = client.basin(uri.basin);
  const { result, stream } = await streams.ensure({ stream: uri.stream, config });
  if (context.out.isJson) await context.out.json({ result, stream: streamJson(stream, uri.basin) });
  else context.out.ok(`Stream ${provisionText(result)}`);
}
