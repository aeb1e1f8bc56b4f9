// `verify`: reads a stream from its head to its tail and checks what every reader relies on:
// sequence numbers without gaps, timestamps that never go back, the tail where the last record
// says. Spec: cli#conventions.

import type { S2Stream } from "@s2kit/client";
import { batchMeteredBytes, RangeNotSatisfiableError } from "@s2kit/core";
import { encryptionKeyOf } from "../flags/encryption-key.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { openLiveLine } from "../show/live-line.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { CliError } from "../values/failure.js";
import { given } from "../values/given.js";
import { count, formatBytes } from "../values/quantity.js";
import { formatStreamUri, type StreamUri } from "../values/uri.js";

interface Findings {
  records: number;
  bytes: number;
  headSeqNum: number;
  nextSeqNum: number;
  timestamp: number;
}

export async function run(context: Context, input: Input): Promise<ExitCode> {
  const { out, interrupt } = context;
  const uri = input.need<StreamUri>("uri");
  const key = await encryptionKeyOf(input, context.env);
  const client = await context.client();
  const stream = client.basin(uri.basin).stream(uri.stream, given("encryptionKey", key));
  const live = await openLiveLine(out);
  let findings: Findings;
  try {
    findings = await walk(stream, interrupt, ({ records, bytes }) =>
      live.show(() => `${count(records, "record")}, ${formatBytes(bytes)}`),
    );
  } finally {
    live.close();
  }
  if (interrupt.aborted) {
    out.aborted();
    return EXIT.interrupted;
  }
  const { records, bytes, headSeqNum, nextSeqNum } = findings;
  const shown = formatStreamUri(uri.basin, uri.stream);
  if (out.isJson)
    await out.json({
      uri: shown,
      records,
      metered_bytes: bytes,
      head_seq_num: headSeqNum,
      next_seq_num: nextSeqNum,
    });
  else
    out.ok(
      `${shown}: ${count(records, "record")} in ${headSeqNum}..${nextSeqNum}, ${formatBytes(bytes)}, no gap`,
    );
  return EXIT.ok;
}

async function walk(
  stream: S2Stream,
  signal: AbortSignal,
  onProgress: (findings: Findings) => void,
): Promise<Findings> {
  const { tail } = await stream.checkTail();
  const findings: Findings = {
    records: 0,
    bytes: 0,
    headSeqNum: tail.seqNum,
    nextSeqNum: tail.seqNum,
    timestamp: 0,
  };
  try {
    const session = await stream.readSession(
      { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
      { as: "bytes", signal },
    );
    for await (const { records } of session.batches()) {
      for (const record of records) check(findings, record);
      findings.bytes += batchMeteredBytes(records);
      onProgress(findings);
    }
  } catch (error) {
    if (signal.aborted) return findings;
    if (!(error instanceof RangeNotSatisfiableError && tail.seqNum === 0)) throw error;
  }
  // The tail may have moved on since; it can never be behind what it was.
  if (findings.records > 0 && findings.nextSeqNum < tail.seqNum)
    throw broken(
      `the last record is before the tail tail=${tail.seqNum} read=${findings.nextSeqNum}`,
    );
  return findings;
}

function check(findings: Findings, record: { seqNum: number; timestamp: number }): void {
  const { seqNum, timestamp } = record;
  if (findings.records === 0) findings.headSeqNum = seqNum;
  else if (seqNum !== findings.nextSeqNum)
    throw broken(`sequence numbers have a gap seqNum=${seqNum} expected=${findings.nextSeqNum}`);
  if (timestamp < findings.timestamp) throw broken(`a timestamp goes back seqNum=${seqNum}`);
  findings.records++;
  findings.nextSeqNum = seqNum + 1;
  findings.timestamp = timestamp;
}

function broken(what: string): CliError {
  return new CliError(`verification failed: ${what}`, { exitCode: EXIT.verification });
}
