// `watch`: a table of the streams of a basin with their tails and rates, drawn again at each
// interval; into a pipe, one table or one JSON line a stream each time. Spec: cli#conventions.

import type { S2Basin } from "@s2kit/client";
import { S2Error, type StreamPosition } from "@s2kit/core";
import { longDuration } from "@s2kit/core/declarative";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { openLiveLine } from "../show/live-line.js";
import { textTable } from "../show/text-table.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";
import type { BasinPrefixUri } from "../values/uri.js";

const MAX_STREAMS = 200;
const CONCURRENCY = 16;

interface Row {
  readonly stream: string;
  readonly tail: StreamPosition;
  readonly recordsPerSec: number | undefined;
}

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out, interrupt } = context;
  out.whenUnread = "endsAtOnce";
  const { basin: name, prefix } = input.need<BasinPrefixUri>("uri");
  const intervalMs = input.need<number>("interval");
  const rounds = input.get<number>("count") ?? Number.POSITIVE_INFINITY;
  const basin = (await context.client()).basin(name);
  const live = await openLiveLine(out);
  let before: { readonly atMs: number; readonly tails: ReadonlyMap<string, number> } | undefined;
  for (let round = 1; !interrupt.aborted; round++) {
    const atMs = performance.now();
    const tails = await tailsOf(basin, prefix);
    const rows = tails.map(([stream, tail]): Row => {
      const seqNum = before?.tails.get(stream);
      const secs = before === undefined ? 0 : (atMs - before.atMs) / 1000;
      const recordsPerSec = seqNum === undefined ? undefined : (tail.seqNum - seqNum) / secs;
      return { stream, tail, recordsPerSec };
    });
    before = { atMs, tails: new Map(tails.map(([stream, tail]) => [stream, tail.seqNum])) };
    const text = tableOf(out, rows, Date.now());
    if (out.isJson) for (const row of rows) await out.json(rowJson(row));
    else if (out.stderr.isTTY === true && out.stdout.isTTY === true) live.show(() => text);
    else await out.line(text);
    if (round >= rounds) break;
    await delay(intervalMs, interrupt);
  }
  if (out.stdout.isTTY === true) live.keep();
  return interrupt.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Streams that vanish between the list and the question are left out. */
async function tailsOf(
  basin: S2Basin,
  prefix: string | undefined,
): Promise<[string, StreamPosition][]> {
  const streams = await basin.streams
    .listAll({ ...given("prefix", prefix), maxItems: MAX_STREAMS })
    .toArray();
  const found: [string, StreamPosition][] = [];
  for (let at = 0; at < streams.length; at += CONCURRENCY) {
    const asked = streams.slice(at, at + CONCURRENCY).map(async ({ name }) => {
      try {
        found.push([name, (await basin.stream(name).checkTail()).tail]);
      } catch (error) {
        if (!(error instanceof S2Error && (error.status === 404 || error.status === 409)))
          throw error;
      }
    });
    await Promise.all(asked);
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What moved since the last look stands out from what did not. */
function tableOf(out: Output, rows: readonly Row[], now: number): string {
  return textTable(
    ["stream", "tail", "records/s", "last record"],
    rows.map(({ stream, tail, recordsPerSec }) => [
      stream,
      String(tail.seqNum),
      recordsPerSec === undefined ? "" : recordsPerSec.toFixed(1),
      tail.seqNum === 0 ? "never" : agoText(now - tail.timestamp),
    ]),
    {
      columns: out.dataColumns,
      head: (text) => out.paintData(text, "bold"),
      rule: (text) => out.paintData(text, "dim"),
      cell: (text, column) => (column === 2 ? ratePainted(out, text) : text),
    },
  );
}

function ratePainted(out: Output, text: string): string {
  return out.paintData(text, Number(text) > 0 ? "green" : "dim");
}

/** Timestamps of clients may lie anywhere, also ahead of us. */
function agoText(ms: number): string {
  return ms < 0 ? "ahead" : `${longDuration(Math.floor(ms / 1000))} ago`;
}

function rowJson({ stream, tail, recordsPerSec }: Row): unknown {
  return {
    stream,
    tail: { seq_num: tail.seqNum, timestamp: tail.timestamp },
    records_per_sec: recordsPerSec ?? null,
  };
}

async function delay(ms: number, interrupt: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    interrupt.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
