// `tail`: the last records, and with --follow those that come. No notice for each batch; an empty
// stream shows nothing. Spec: CLI section 6.3.

import type { Context } from "../context.js";
import { encryptionKeyOf } from "../encryption-key.js";
import type { ExitCode } from "../exit-codes.js";
import { given } from "../given.js";
import type { Input } from "../input.js";
import { readRecords } from "../read-records.js";
import { recordFormat } from "../record-format/format-table.js";
import { openRecordOutput } from "../record-output.js";
import type { StreamUri } from "../uri.js";

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
