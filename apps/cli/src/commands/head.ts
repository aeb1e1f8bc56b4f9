// `head`: the first records that are there, which after a trim are not those from 0. An empty
// stream shows nothing. Spec: cli#head.

import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { askedFormat } from "../record-format/format-table.js";
import { readRecords } from "../records/read-records.js";
import { openRecordOutput } from "../records/record-output.js";
import type { ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { basin, stream } = input.need<StreamUri>("uri");
  const format = await askedFormat(input.is("json") ? "json" : input.need<string>("format"));
  const path = input.need<string>("output");
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  return await readRecords(context, {
    stream: client.basin(basin).stream(stream, given("encryptionKey", key)),
    readInput: {
      start: { from: { seqNum: 0 }, clamp: true },
      stop: { limits: { count: input.need<number>("lines") }, waitSecs: 0 },
    },
    output: await openRecordOutput(context.out, { format, path, continues: undefined }),
    showsCount: path !== "-",
    hasNotices: false,
    acceptsEmpty: true,
  });
}
