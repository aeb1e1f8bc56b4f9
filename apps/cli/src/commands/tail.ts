// `tail`: the last records of one stream or several, and with --follow those that come. No notice
// for each batch; an empty stream shows nothing. Spec: cli#tail.

import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { askedFormat } from "../record-format/format-table.js";
import type { RecordFormat } from "../record-format/record-format.js";
import { jsonOfStream, shownLines } from "../record-format/shown-lines.js";
import { readRecords } from "../records/read-records.js";
import { openRecordOutput } from "../records/record-output.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

/** Each has a session of its own; more are a matter for a program. */
const MAX_STREAMS = 64;

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const uris = input.need<readonly StreamUri[]>("uris");
  const path = input.need<string>("output");
  if (uris.length > MAX_STREAMS)
    throw usageError(`at most ${MAX_STREAMS} streams at once streams=${uris.length}`);
  if (uris.length > 1 && path !== "-")
    throw usageError("several streams go to stdout only", "leave --output out");
  const lines = input.need<number>("lines");
  const stop = input.is("follow") ? {} : { stop: { limits: { count: lines } } };
  const formats = await Promise.all(
    uris.map((uri) => formatOf(context, input, uri, uris.length > 1)),
  );
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const codes = await Promise.all(
    uris.map(async ({ basin, stream }, at) =>
      readRecords(context, {
        stream: client.basin(basin).stream(stream, given("encryptionKey", key)),
        readInput: { start: { from: { tailOffset: lines }, clamp: true }, ...stop },
        output: await openRecordOutput(context.out, {
          format: formats[at] as RecordFormat,
          path,
          continues: undefined,
        }),
        showsCount: path !== "-",
        hasNotices: false,
        acceptsEmpty: true,
        isOneOfMany: at > 0,
      }),
    ),
  );
  return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

async function formatOf(
  { out }: Context,
  input: Input,
  { basin, stream }: StreamUri,
  isOneOfMany: boolean,
): Promise<RecordFormat> {
  const format = await askedFormat(input.is("json") ? "json" : input.need<string>("format"));
  const pattern = input.get<RegExp>("grep");
  const hasTime = input.is("time");
  const isPretty = input.is("pretty");
  if (!isOneOfMany && pattern === undefined && !hasTime && !isPretty) return format;
  const uri = isOneOfMany ? formatStreamUri(basin, stream) : "";
  if (format.name.startsWith("json-") || format.name === "json") {
    if (hasTime || isPretty)
      throw usageError(`--time and --pretty are for people format=${format.name}`);
    return jsonOfStream(format, uri, pattern);
  }
  if (format.name === "binary")
    throw usageError(
      "binary output shows one stream as it is",
      "leave --grep, --time, --pretty and other streams out",
    );
  return shownLines(format, {
    pattern,
    hasTime,
    isPretty,
    prefix: uri === "" ? "" : `${uri}: `,
    paint: (text) => out.paintData(text, "cyan"),
  });
}
