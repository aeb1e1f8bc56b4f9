// Streams bytes line by line through a producer while a reader follows live, and compares what was
// read with what was given, byte for byte. The heart of the demo; it prints nothing itself.

import type { AppendAck, S2Stream } from "@s2kit/client";
import type { StreamPosition } from "@s2kit/core";
import { Producer } from "@s2kit/producer";

const LF = 0x0a;
/** Small, so that even a short file shows several batches. */
const MAX_BATCH_RECORDS = 100;

export interface RoundTripResult {
  readonly records: number;
  readonly bytes: number;
  readonly batches: number;
  readonly tail: StreamPosition;
  readonly appendMs: number;
  readonly readBytes: number;
  readonly readMs: number;
  /** Where what was read differs; undefined when it does not. */
  readonly difference: string | undefined;
}

export async function roundTrip(
  stream: S2Stream,
  bytes: Uint8Array,
  onAck: (ack: AppendAck) => void,
): Promise<RoundTripResult> {
  const lines = linesOf(bytes);
  const started = performance.now();
  const reading = readLive(stream, lines.length, started);
  let writing: Awaited<ReturnType<typeof appendLines>>;
  try {
    writing = await appendLines(stream, lines, onAck);
  } catch (error) {
    // The append says what is wrong; the reader would wait for ever for the rest.
    reading.catch(() => {});
    throw error;
  }
  const { pieces, readMs } = await reading;
  const { tail } = await stream.checkTail();
  const readBack = Buffer.concat(pieces);
  return {
    records: lines.length,
    bytes: bytes.length,
    batches: writing.batches,
    tail,
    appendMs: writing.appendMs,
    readBytes: readBack.length,
    readMs,
    difference: differenceOf(bytes, readBack, tail, lines.length),
  };
}

/** Lines with their ends, so that joined they are the input. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LF, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(start, next));
    start = next;
  }
  return lines;
}

async function appendLines(
  stream: S2Stream,
  lines: readonly Uint8Array[],
  onAck: (ack: AppendAck) => void,
): Promise<{ batches: number; appendMs: number }> {
  const session = await stream.appendSession();
  const producer = new Producer(session, { maxBatchRecords: MAX_BATCH_RECORDS });
  const started = performance.now();
  let batches = 0;
  const acks = (async () => {
    for await (const ack of session.acks()) {
      batches++;
      onAck(ack);
    }
  })();
  try {
    for (const body of lines) await producer.submit({ headers: [], body });
  } finally {
    await producer.close();
  }
  await acks;
  return { batches, appendMs: performance.now() - started };
}

async function readLive(
  stream: S2Stream,
  wanted: number,
  started: number,
): Promise<{ pieces: Uint8Array[]; readMs: number }> {
  const pieces: Uint8Array[] = [];
  if (wanted === 0) return { pieces, readMs: 0 };
  const session = await stream.readSession({ start: { from: { seqNum: 0 } } }, { as: "bytes" });
  try {
    for await (const { records } of session.batches()) {
      for (const { body } of records) pieces.push(body);
      if (pieces.length >= wanted) break;
    }
  } finally {
    await session.cancel();
  }
  return { pieces, readMs: performance.now() - started };
}

function differenceOf(
  given: Uint8Array,
  readBack: Uint8Array,
  tail: StreamPosition,
  records: number,
): string | undefined {
  if (tail.seqNum !== records) return `tail=${tail.seqNum} records=${records}`;
  if (Buffer.compare(given, readBack) === 0) return undefined;
  const at = given.findIndex((byte, index) => byte !== readBack[index]);
  return `first different byte offset=${at} given=${given.length} read=${readBack.length}`;
}
