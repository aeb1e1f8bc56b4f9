// `read`: one of four starts, three bounds, any format. Without a start it begins at the tail,
// which surprises people, so an idle read at the tail says so once. Spec: cli#read.

import type { ReadInput } from "@s2kit/client";
import type { ReadFrom } from "@s2kit/core";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import { createdStreamConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { askedFormat } from "../record-format/format-table.js";
import { type Checkpoint, openCheckpoint } from "../records/checkpoint.js";
import { readRecords } from "../records/read-records.js";
import { anchoredSeqNum } from "../records/read-start.js";
import { openRecordOutput } from "../records/record-output.js";
import type { ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

const IDLE_HINT_MS = 3000;

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const uri = input.need<StreamUri>("uri");
  const format = await askedFormat(input.is("json") ? "json" : input.need<string>("format"));
  const file = await checkpointOf(input, uri);
  const path = input.need<string>("output");
  const start = { from: startOf(input, Date.now()), clamp: input.is("clamp") };
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const stream = client.basin(uri.basin).stream(uri.stream, {
    ...given("encryptionKey", key),
    ...given("streamConfig", createdStreamConfigOf(input)),
  });
  const startSeqNum = file && (file.position?.nextSeqNum ?? (await anchoredSeqNum(stream, start)));
  const output = await openRecordOutput(context.out, {
    format,
    path,
    continues: file?.position && { bytes: file.position.outputBytes },
  });
  if (file?.position === undefined && startSeqNum !== undefined)
    await file?.save({ nextSeqNum: startSeqNum, outputBytes: output.bytes });
  const hint = idleHint(context, input);
  try {
    return await readRecords(context, {
      stream,
      readInput: {
        start: startSeqNum === undefined ? start : { from: { seqNum: startSeqNum } },
        stop: stopOf(input),
      },
      output,
      showsCount: path !== "-",
      hasNotices: context.out.stdout.isTTY !== true || context.out.stderr.isTTY !== true,
      acceptsEmpty: input.is("clamp"),
      checkpoint: file && startSeqNum !== undefined ? { file, startSeqNum } : undefined,
      onActivity: hint.restart,
    });
  } finally {
    hint.stop();
  }
}

async function checkpointOf(input: Input, uri: StreamUri): Promise<Checkpoint | undefined> {
  const path = input.get<string>("checkpoint");
  if (path === undefined) return undefined;
  return await openCheckpoint(path, formatStreamUri(uri.basin, uri.stream));
}

function stopOf(input: Input): ReadInput["stop"] {
  return {
    limits: {
      ...given("count", input.get<number>("count")),
      ...given("bytes", input.get<number>("bytes")),
    },
    ...given("untilTimestamp", input.get<number>("until")),
  };
}

function startOf(input: Input, now: number): ReadFrom {
  const seqNum = input.get<number>("seq-num");
  if (seqNum !== undefined) return { seqNum };
  const timestamp = input.get<number>("timestamp");
  if (timestamp !== undefined) return { timestamp };
  const agoMs = input.get<number>("ago");
  if (agoMs !== undefined) return { timestamp: Math.max(0, Math.floor(now - agoMs)) };
  if (input.get("from") === "head") return { seqNum: 0 };
  return { tailOffset: input.get<number>("tail-offset") ?? 0 };
}

/** One line for people who wait for what is already there. Spec: cli#conventions. */
function idleHint(
  { out }: Context,
  input: Input,
): { readonly restart?: () => void; readonly stop: () => void } {
  const hasStart = input.hasAny("seq-num", "timestamp", "ago", "tail-offset", "from", "checkpoint");
  if (hasStart || out.stderr.isTTY !== true || out.isQuiet) return { stop: () => {} };
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  return {
    stop,
    restart() {
      stop();
      timer = setTimeout(
        () => out.dim("waiting at the tail for new records; --from head reads what is there"),
        IDLE_HINT_MS,
      );
      timer.unref();
    },
  };
}
