// Reads typed messages from a read session of bytes: drops duplicates, then reassembles, then decodes. It
// pulls, so a slow consumer slows the server. Spec: SDK section 12.1.

import type { ReadSession } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import type { MessageCodec } from "./codec.js";
import { DedupeFilter } from "./dedupe-filter.js";
import { FrameAssembler } from "./frame-assembler.js";
import { readMessageHeaders } from "./message-headers.js";

export interface MessageReaderOptions {
  /** Drops records that a writer sent twice. Default true. */
  readonly dedupe?: boolean | undefined;
  /** Largest message that is believed. Default 100 MiB. */
  readonly maxFrameBytes?: number | undefined;
}

/** A message and where it came from. */
export interface ReceivedMessage<M> {
  readonly message: M;
  /** seqNum of its first record. */
  readonly startSeqNum: number;
  /** seqNum behind its last record: where to go on after a restart. */
  readonly endSeqNum: number;
}

/**
 * The messages of a session. Leaving the loop, and any failure, cancels the session.
 *
 * @throws {S2Error} `FRAME_SIZE` for a declared size out of bounds, `PROTOCOL_ERROR` for malformed
 *   headers or a payload that does not decode
 */
export async function* readMessages<M>(
  session: Pick<ReadSession<"bytes">, "batches" | "cancel">,
  codec: MessageCodec<M>,
  options: MessageReaderOptions = {},
): AsyncGenerator<ReceivedMessage<M>, void, undefined> {
  const filter = options.dedupe === false ? undefined : new DedupeFilter();
  const assembler = new FrameAssembler(options.maxFrameBytes);
  let startSeqNum = 0;
  try {
    for await (const { records } of session.batches())
      for (const { seqNum, headers, body } of records) {
        const meaning = readMessageHeaders(headers);
        if (filter?.accepts(meaning) === false) continue;
        if (meaning.frameBytes !== undefined) startSeqNum = seqNum;
        const payload = assembler.push(meaning, body);
        if (payload === undefined) continue;
        yield { message: decoded(codec, payload, seqNum), startSeqNum, endSeqNum: seqNum + 1 };
      }
  } finally {
    await session.cancel();
  }
}

/** The same as a web stream without a buffer of its own. */
export function messageStream<M>(
  ...args: Parameters<typeof readMessages<M>>
): ReadableStream<ReceivedMessage<M>> {
  const messages = readMessages(...args);
  return new ReadableStream<ReceivedMessage<M>>(
    {
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await messages.return();
        // A generator that never started has no cleanup to run.
        await args[0].cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

function decoded<M>(codec: MessageCodec<M>, payload: Uint8Array, seqNum: number): M {
  try {
    return codec.decode(payload);
  } catch (cause) {
    throw new S2Error({
      code: "PROTOCOL_ERROR",
      message: `message does not decode seqNum=${seqNum}`,
      cause,
    });
  }
}
