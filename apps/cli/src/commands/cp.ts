// `cp`: one stream into another of the same server, made with the same configuration when it is not
// there. Running it again goes on where the last run ended; with --follow it mirrors until Ctrl-C.
// Spec: cli#conventions.

import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { openLiveLine } from "../show/live-line.js";
import { progressBar } from "../show/progress-bar.js";
import { copyStream } from "../transfer/copy-stream.js";
import { prepareTarget } from "../transfer/target-stream.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";
import { count } from "../values/quantity.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.whenUnread = "goesOn";
  const { out, interrupt } = context;
  const from = input.need<StreamUri>("from");
  const to = input.need<StreamUri>("to");
  const [source, target] = [from, to].map(({ basin, stream }) => formatStreamUri(basin, stream));
  if (source === target) throw usageError("source and target are the same stream");
  const keys = await keysOf(context, input);
  const client = await context.client();
  const fromBasin = client.basin(from.basin);
  const toBasin = client.basin(to.basin);
  const config = await fromBasin.streams.getConfig({ stream: from.stream });
  const rule = await prepareTarget(toBasin, to.stream, config);
  const live = await openLiveLine(out);
  try {
    const { records, resumedAt, headSeqNum } = await copyStream(
      { rule, follows: input.is("follow"), nowMs: Date.now() },
      {
        source: fromBasin.stream(from.stream, given("encryptionKey", keys.source)),
        target: toBasin.stream(to.stream, given("encryptionKey", keys.target)),
        interrupt,
        onProgress: (seqNum, tail) => live.show(() => progressBar(seqNum, tail, out.talk.glyph)),
        onNote: (note) => out.warn(note),
      },
    );
    live.close();
    if (out.isJson)
      await out.json({
        from: source,
        to: target,
        records,
        resumed_at: resumedAt,
        head_seq_num: headSeqNum,
        timestamps: rule.kind,
      });
    else {
      const head = headSeqNum === 0 ? "" : `, from ${headSeqNum} on (trimmed before)`;
      out.ok(
        `${source} ${out.talk.glyph.arrow} ${target}: ${count(records, "record")}, ${records - resumedAt} new${head}`,
      );
    }
  } finally {
    live.close();
  }
  if (!interrupt.aborted) return EXIT.ok;
  out.aborted();
  return EXIT.interrupted;
}

/** One key for both, unless the target has its own. */
async function keysOf(
  { env }: Context,
  input: Input,
): Promise<{ readonly source: string | undefined; readonly target: string | undefined }> {
  const source = await encryptionKeyOf(input, env);
  return { source, target: (await encryptionKeyOf(input, {}, "target-")) ?? source };
}
