// `trim`: appends the command record that removes what lies before a sequence number. The trim
// point only moves forward; a smaller one does nothing. Spec: cli#fence-trim-check-tail.

import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { reportCommandAck } from "../show/command-ack.js";
import { given } from "../values/given.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<undefined> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const trimPoint = input.need<bigint>("trim-point");
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const ack = await client
    .basin(basin)
    .stream(stream, given("encryptionKey", key))
    .trim(trimPoint, {
      ...given("fencingToken", input.get<string>("fencing-token")),
      ...given("matchSeqNum", input.get<number>("match-seq-num")),
    });
  await reportCommandAck(context.out, `trim to ${trimPoint}`, ack);
}
