// `bench`: the field's workload against any S2 endpoint, with verification; everything goes to
// stderr, and with --json one summary object to stdout. Spec: cli#bench.

import { longDuration } from "@s2kit/core/declarative";
import { flowLine, latencyTables, resultToJson } from "../bench/bench-report.js";
import {
  type BenchHooks,
  type BenchSettings,
  type BenchTotals,
  runBench,
} from "../bench/bench-run.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { type LiveLine, openLiveLine } from "../show/live-line.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { formatStreamUri } from "../values/uri.js";

const MIB: number = 1024 * 1024;

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out } = context;
  const settings = settingsOf(input);
  const client = await context.client({ appendRetryPolicy: "noSideEffects" });
  const live = await openLiveLine(out);
  try {
    const result = await runBench(settings, {
      client,
      hooks: hooksOf(out, input, settings, live),
      interrupt: context.interrupt,
    });
    if (result.catchUp !== undefined) out.say(flowLine("Catchup", result.catchUp));
    else if (!context.interrupt.aborted) out.say("no records available for catchup read");
    if (out.isJson) await out.json(resultToJson(result));
  } finally {
    live.close();
  }
  if (!context.interrupt.aborted) return EXIT.ok;
  out.say("Interrupted by Ctrl+C; showing partial results.");
  return EXIT.interrupted;
}

function settingsOf(input: Input): BenchSettings {
  return {
    basin: input.need<string>("basin"),
    storageClass: input.get("storage-class"),
    streams: input.need<number>("streams"),
    recordBytes: input.need<number>("record-size"),
    bytesPerSec:
      input.is("unlimited") || input.hasAny("closed-loop")
        ? undefined
        : input.need<number>("target-mibps") * MIB,
    closedLoop: input.get<number>("closed-loop"),
    durationMs: input.need<number>("duration"),
    catchUpDelayMs: input.need<number>("catchup-delay"),
    lingerMs: input.need<number>("linger"),
    maxUnackedBytes: input.need<number>("max-unacked"),
    verifies: !input.is("no-verify"),
    keepsStreams: input.is("keep-stream"),
  };
}

function hooksOf(out: Output, input: Input, settings: BenchSettings, live: LiveLine): BenchHooks {
  const tables = (totals: BenchTotals): string[] => latencyTables(totals, out.talkColumns);
  return {
    onStreams(names) {
      const storageClass = settings.storageClass ?? "<default>";
      const first = formatStreamUri(settings.basin, names[0] ?? "");
      const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
      out.say(`Creating temporary stream ${first}${more} (storage class: ${storageClass})`);
      out.say(
        `Running for ${longDuration(settings.durationMs / 1000)} ${targetText(input)} with ${settings.recordBytes} byte records, Ctrl+C to end early`,
      );
    },
    onProgress: (totals) =>
      live.show(() => {
        const now = totals();
        const flows = [flowLine("Write", now.write), flowLine("Read", now.read)];
        return [...flows, "", ...tables(now)].join("\n");
      }),
    onLiveDone(totals) {
      live.close();
      for (const line of ["", flowLine("Write", totals.write), flowLine("Read", totals.read), ""])
        out.say(line);
      for (const line of tables(totals)) out.say(line);
      out.say();
    },
    onCatchUpWait: (delayMs) =>
      out.say(
        `Waiting ${delayMs === 0 ? "0ns" : longDuration(delayMs / 1000)} before catchup read...`,
      ),
  };
}

function targetText(input: Input): string {
  const workers = input.get<number>("closed-loop");
  if (workers !== undefined) return `in closed loop, ${workers} outstanding,`;
  return input.is("unlimited")
    ? "without limit"
    : `targeting ${input.need<number>("target-mibps")} MiB/s`;
}
