// `append`: input → record format → producer → session; one line on stderr for each batch that
// the server acknowledged, in order. Whatever was submitted before a failure or an interrupt is
// still acknowledged before this ends. Spec: cli#append.

import type { AppendAck, AppendSession, S2, S2Stream } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import { createdStreamConfigOf } from "../flags/resource-config.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { askedFormat } from "../record-format/format-table.js";
import type { RecordFormat } from "../record-format/record-format.js";
import { createAppendProgress } from "../records/append-progress.js";
import { openSource, type RecordSource } from "../records/record-source.js";
import { positionJson } from "../show/api-json.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { given } from "../values/given.js";
import type { StreamUri } from "../values/uri.js";

const MAX_UNACKED_BYTES: number = 5 * 1024 * 1024;

export async function run(context: Context, input: Input): Promise<ExitCode> {
  context.out.whenUnread = "goesOn";
  const format = await askedFormat(input.need<string>("format"));
  const uri = input.need<StreamUri>("uri");
  const source = await openSource(input.need<string>("input"), context.stdin, context.interrupt);
  const key = await encryptionKeyOf(input, context.env);
  const isConditional = input.is("exactly-once") || input.hasAny("match-seq-num");
  const client = await context.client({
    appendRetryPolicy: isConditional ? "noSideEffects" : "all",
  });
  const stream = client.basin(uri.basin).stream(uri.stream, {
    ...given("encryptionKey", key),
    ...given("streamConfig", createdStreamConfigOf(input)),
  });
  const matchSeqNum = input.is("exactly-once")
    ? (await stream.checkTail()).tail.seqNum
    : input.get<number>("match-seq-num");
  if (context.stdin.isTTY === true && input.need("input") === "-")
    context.out.dim("type records, one a line; Ctrl-D ends");

  const session = await stream.appendSession({ maxInflightBytes: MAX_UNACKED_BYTES });
  const producer = new Producer(session, {
    lingerDurationMillis: input.need<number>("linger"),
    maxUnackedBytes: MAX_UNACKED_BYTES,
    ...given("fencingToken", input.get<string>("fencing-token")),
    ...given("matchSeqNum", matchSeqNum),
  });
  const acks = reportAcks(context, session, source);
  let submitted = 0;
  try {
    submitted = await submitAll({ context, input, format, producer, chunks: source.chunks });
  } finally {
    // Also after a line that does not parse: what came before it is in, and is said to be.
    await producer.close();
    await acks;
  }
  if (submitted === 0 && !context.interrupt.aborted) await requireStream(client, uri, stream);
  if (!context.interrupt.aborted) return EXIT.ok;
  context.out.aborted();
  return EXIT.interrupted;
}

/**
 * Without a record the server was not asked anything yet: a stream that is missing is a failure all
 * the same, so that a wrong name is not found only when there is something to append. Who may not
 * ask is believed.
 *
 * @throws {S2Error} that the basin is missing, or the stream and no append would create it
 */
async function requireStream(client: S2, { basin }: StreamUri, stream: S2Stream): Promise<void> {
  try {
    await stream.checkTail();
  } catch (error) {
    if (isForbidden(error)) return;
    const isMissing = error instanceof S2Error && error.code === "stream_not_found";
    if (!isMissing || !(await createsOnAppend(client, basin))) throw error;
  }
}

async function createsOnAppend(client: S2, basin: string): Promise<boolean> {
  try {
    return (await client.basins.getConfig({ basin })).createStreamOnAppend === true;
  } catch (error) {
    if (isForbidden(error)) return true;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof S2Error && error.code === "permission_denied";
}

/** Answers how many records there were. */
async function submitAll(components: {
  readonly context: Context;
  readonly input: Input;
  readonly format: RecordFormat;
  readonly producer: Producer;
  readonly chunks: AsyncIterable<Uint8Array>;
}): Promise<number> {
  const { context, input, format, producer } = components;
  let submitted = 0;
  const batches = format.decode(components.chunks, {
    isLenient: input.is("lenient"),
    chunkBytes: input.need<number>("chunk"),
  });
  for await (const records of batches) {
    for (const record of records) await producer.submit(record);
    submitted += records.length;
    if (context.interrupt.aborted) break;
  }
  return submitted;
}

/** Ends with the session; a failed session is reported by the producer, not here. */
async function reportAcks(
  context: Context,
  session: AppendSession,
  source: RecordSource,
): Promise<void> {
  const { out } = context;
  const progress = await createAppendProgress(out, source);
  try {
    for await (const ack of session.acks()) {
      if (out.isJson) await out.json(ackJson(ack));
      progress.acknowledged(ack);
    }
  } catch {
    // The producer rejects with the same failure.
  } finally {
    progress.close();
  }
}

function ackJson({ start, end, tail }: AppendAck): unknown {
  return { start: positionJson(start), end: positionJson(end), tail: positionJson(tail) };
}
