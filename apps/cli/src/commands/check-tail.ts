// `check-tail`: the next sequence number and the last timestamp, `3 @ 1771390606217`.
// Spec: CLI section 6.4.

import { positionJson } from "../api-json.js";
import type { Context } from "../context.js";
import type { Input } from "../input.js";
import type { StreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const client = await context.client();
  const { tail } = await client.basin(basin).stream(stream).checkTail();
  if (context.out.isJson) await context.out.json({ tail: positionJson(tail) });
  else await context.out.line(`${tail.seqNum} @ ${tail.timestamp}`);
}
