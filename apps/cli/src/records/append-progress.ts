// What `append` tells while it runs. Into a pipe or a file: one line for each acknowledged batch.
// On a terminal, from a file: one line with a bar that updates itself, and a summary at the end.
// Spec: cli#append, cli#terminals.

import type { AppendAck } from "@s2kit/client";
import type { Output } from "../frame/output.js";
import { type LiveLine, openLiveLine } from "../show/live-line.js";
import { progressBar } from "../show/progress-bar.js";
import { formatBytes } from "../values/quantity.js";
import type { RecordSource } from "./record-source.js";

export interface AppendProgress {
  acknowledged(ack: AppendAck): void;
  close(): void;
}

export async function createAppendProgress(
  out: Output,
  source: Pick<RecordSource, "totalBytes" | "readBytes">,
): Promise<AppendProgress> {
  if (out.isQuiet || out.isJson) return { acknowledged: () => {}, close: () => {} };
  const isLive = out.stderr.isTTY === true && source.totalBytes !== undefined;
  return isLive
    ? liveProgress(out, await openLiveLine(out), source)
    : { acknowledged: (ack) => sayBatch(out, ack), close: () => {} };
}

function sayBatch(out: Output, { start, end, tail }: AppendAck): void {
  const { talk } = out;
  const label = talk.paint(
    `${talk.glyph.ok} [APPENDED] ${start.seqNum}..${end.seqNum}`,
    "green",
    "bold",
  );
  out.say(`${label} // tail: ${tail.seqNum} @ ${tail.timestamp}`);
}

function liveProgress(
  out: Output,
  line: LiveLine,
  source: Pick<RecordSource, "totalBytes" | "readBytes">,
): AppendProgress {
  const totalBytes = source.totalBytes ?? 0;
  const started = performance.now();
  let first: number | undefined;
  let last: AppendAck | undefined;
  let records = 0;
  const text = (): string => {
    const secs = Math.max((performance.now() - started) / 1000, 1e-3);
    const rate = Math.round(records / secs).toLocaleString("en-US");
    const tail = last === undefined ? "" : `, tail ${last.tail.seqNum}`;
    return `${records.toLocaleString("en-US")} records acknowledged, ${rate}/s${tail} (input ${formatBytes(totalBytes)})`;
  };
  return {
    acknowledged(ack) {
      first ??= ack.start.seqNum;
      last = ack;
      records += ack.end.seqNum - ack.start.seqNum;
      line.show(() => `${progressBar(source.readBytes, totalBytes, out.talk.glyph, "")}${text()}`);
    },
    close() {
      line.close();
      if (last !== undefined && first !== undefined) {
        sayBatch(out, { ...last, start: { ...last.start, seqNum: first } });
        out.dim(text());
      }
    },
  };
}
