// `tail`: the last records, and with --follow those that come. No notice for each batch; an empty
// stream shows nothing. Spec: cli#tail.

import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { recordFormat } from "../record-format/format-table.js";
import { readRecords } from "../records/read-records.js";
import { openRecordOutput } from "../records/record-output.js";
import type { ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";
import type { StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const uri = input.need<StreamUri>("uri");
  const format = recordFormat(input.is("json") ? "json" : input.need<string>("format"));
  const lines = input.need<number>("lines");
  const follows = input.is("follow");
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  return await readRecords(context, {
    stream: client.basin(uri.basin).stream(uri.stream, given("encryptionKey", key)),
    readInput: {
      start: { from: { tailOffset: lines }, clamp: true },
      ...(follows ? {} : { stop: { limits: { count: lines } } }),
    },
    output: await openRecordOutput(context.out, {
      format,
      path: input.need<string>("output"),
      continues: undefined,
    }),
    showsCount: input.need("output") !== "-",
    hasNotices: false,
    acceptsEmpty: true,
  });
}
