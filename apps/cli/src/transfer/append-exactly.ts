// Appends to a stream from a known place on, each record once: every batch names the sequence
// number that its first record must get. A batch that was sent twice, and another writer, are
// refused by the server instead of doubling or mixing records.

import type { S2Stream } from "@s2kit/client";
import { type AppendRecord, SeqNumMismatchError } from "@s2kit/core";
import { Producer } from "@s2kit/producer";
import { CliError } from "../values/failure.js";

/**
 * @param fill - submits the records in order; what it submitted is durable when this resolves
 * @throws {CliError} exit code 5 when the target moved on by itself
 */
export async function appendExactly(
  stream: S2Stream,
  startSeqNum: number,
  fill: (submit: (record: AppendRecord) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const producer = new Producer(await stream.appendSession(), { matchSeqNum: startSeqNum });
  try {
    try {
      await fill((record) => producer.submit(record));
    } finally {
      await producer.close();
    }
  } catch (error) {
    if (!(error instanceof SeqNumMismatchError)) throw error;
    throw new CliError(
      `the target moved on meanwhile: another writer, or a batch whose acknowledgement was lost tail=${error.expectedSeqNum}`,
      {
        exitCode: 5,
        cause: error,
        hint: "run it again: what is there is compared first, and only what is missing is appended",
      },
    );
  }
}
