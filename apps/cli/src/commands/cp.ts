// `cp`: one stream into another of the same server, made with the same configuration when it is not
// there. Running it again goes on where the last run ended; with --follow it mirrors until Ctrl-C.
// Spec: CLI section 16 (7).

import type { S2 } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import type { Input } from "../command.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { usageError } from "../failure.js";
import { openLiveLine } from "../live-line.js";
import { progressBar } from "../progress-bar.js";
import { count } from "../quantity.js";
import { copyStream } from "../transfer/copy-stream.js";
import { formatStreamUri, type StreamUri } from "../uri.js";

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.survivesBrokenPipe = true;
  const { out, interrupt } = context;
  const from = input.need<StreamUri>("from");
  const to = input.need<StreamUri>("to");
  const [source, target] = [from, to].map(({ basin, stream }) => formatStreamUri(basin, stream));
  if (source === target) throw usageError("source and target are the same stream");
  const client = await context.client();
  const comparesTimestamps = await prepareTarget(client, from, to);
  const live = await openLiveLine(out);
  try {
    const { records, resumedAt } = await copyStream({
      source: client.basin(from.basin).stream(from.stream),
      target: client.basin(to.basin).stream(to.stream),
      comparesTimestamps,
      follows: input.is("follow"),
      interrupt,
      onProgress: (seqNum, tail) => live.show(() => progressBar(seqNum, tail, out.talk.glyph)),
    });
    live.close();
    if (out.isJson) await out.json({ from: source, to: target, records, resumed_at: resumedAt });
    else
      out.ok(
        `${source} ${out.talk.glyph.arrow} ${target}: ${count(records, "record")}, ${records - resumedAt} new`,
      );
  } finally {
    live.close();
  }
  if (!interrupt.aborted) return EXIT.ok;
  out.aborted();
  return EXIT.interrupted;
}

/** A target that is there keeps its configuration. @returns whether it keeps timestamps */
async function prepareTarget(client: S2, from: StreamUri, to: StreamUri): Promise<boolean> {
  const config = await client.basin(from.basin).streams.getConfig({ stream: from.stream });
  const { streams } = client.basin(to.basin);
  try {
    await streams.create({ stream: to.stream, config });
  } catch (error) {
    if (!(error instanceof S2Error && error.code === "resource_already_exists")) throw error;
  }
  const { timestamping } = await streams.getConfig({ stream: to.stream });
  return timestamping?.mode !== "arrival";
}
