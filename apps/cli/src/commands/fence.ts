// `fence`: appends the command record that sets or clears the fencing token.
// Spec: CLI section 6.4.

import { reportCommandAck } from "../command-ack.js";
import type { Context } from "../context.js";
import { given } from "../given.js";
import type { Input } from "../input.js";
import type { StreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const token = input.need<string>("new-token");
  const client = await context.client();
  const ack = await client
    .basin(basin)
    .stream(stream)
    .fence(token, {
      ...given("fencingToken", input.get<string>("fencing-token")),
      ...given("matchSeqNum", input.get<number>("match-seq-num")),
    });
  await reportCommandAck(context.out, `new fencing token ${JSON.stringify(token)}`, ack);
}
