// `check-tail`: the next sequence number and the last timestamp, `3 @ 1771390606217`.
// Spec: cli#fence-trim-check-tail.

import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { positionJson } from "../show/api-json.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const client = await context.client();
  const { tail } = await client.basin(basin).stream(stream).checkTail();
  if (context.out.isJson) await context.out.json({ tail: positionJson(tail) });
  else await context.out.line(`${tail.seqNum} @ ${tail.timestamp}`);
}
