// `create-stream`: fails when the name exists, unless --if-not-exists makes it an ensure.
// Spec: cli#basins-and-streams.

import { streamConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { streamJson } from "../show/api-json.js";
import type { StreamUri } from "../values/uri.js";
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
