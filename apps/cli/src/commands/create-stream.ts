// `create-stream`: fails when the name exists, unless --if-not-exists makes it an ensure.
// Spec: CLI section 4.

import { streamJson } from "../api-json.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";
import { streamConfigOf } from "../resource-config.js";
import type { StreamUri } from "../uri.js";
import { run as ensure } from "./ensure-stream.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  if (input.is("if-not-exists")) return await ensure(context, input);
  const uri = input.need<StreamUri>("uri");
  const config = streamConfigOf(input);
  const client = await context.client();
  const stream = await client.basin(uri.basin).streams.create({ stream: uri.stream, config });
  if (context.out.isJson) await context.out.json(streamJson(stream, uri.basin));
  else context.out.ok("Stream created");
}
