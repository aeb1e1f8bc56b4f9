// Messages as frames of records, as the official patterns have it.
// Spec: sdk#messages.

import { AppendRecord, S2Error, translateError } from "@s2kit/client/streamstore";
import { S2Error as OurError } from "@s2kit/core";
import {
  DEFAULT_MAX_FRAME_BYTES as OUR_MAX_FRAME_BYTES,
  FrameAssembler as OurAssembler,
} from "../patterns/frame-assembler.js";
import { readMessageHeaders, writeMessageHeaders } from "../patterns/message-headers.js";

/** Largest message that is believed: 100 MiB. */
export const DEFAULT_MAX_FRAME_BYTES: number = OUR_MAX_FRAME_BYTES;

/** Size of a message. */
export type FrameMeta = { bytes: number; records: number };

/** A whole message. */
export type CompletedFrame = { payload: Uint8Array; meta: FrameMeta };

/** Of an assembler. */
export type FrameAssemblerOptions = {
  /** Default 100 MiB. */
  maxFrameBytes?: number;
};

/** A message whose size is out of bounds. */
export class FrameSizeError extends S2Error {
  constructor(message: string) {
    super({ message, code: "FRAME_SIZE" });
    this.name = "FrameSizeError";
  }
}

/** Failures of messages in the terms of this face. @internal */
export function messageError(caught: unknown): unknown {
  if (!(caught instanceof OurError)) return caught;
  return caught.code === "FRAME_SIZE"
    ? new FrameSizeError(caught.rawMessage)
    : translateError(caught);
}

/** Puts the records of messages together again. */
export class FrameAssembler {
  readonly #assembler: OurAssembler;
  #pushed = 0;

  constructor(options: FrameAssemblerOptions = {}) {
    this.#assembler = new OurAssembler(options.maxFrameBytes, { joinUnmarked: true });
  }

  /** Takes one record; gives the message that it completes, if it does. @throws {FrameSizeError} */
  push(record: {
    headers?: readonly (readonly [Uint8Array, Uint8Array])[];
    body?: Uint8Array | null;
  }): CompletedFrame[] {
    try {
      const frame = this.#assembler.assemble(
        readMessageHeaders(record.headers ?? []),
        record.body ?? new Uint8Array(0),
        this.#pushed++,
      );
      if (frame === undefined) return [];
      const { payload, records } = frame;
      return [{ payload, meta: { bytes: payload.length, records } }];
    } catch (caught) {
      throw messageError(caught);
    }
  }
}

/** The records of one message: the first says how large it is. */
export function frameChunksToRecords(chunks: Uint8Array[]): AppendRecord[] {
  const frameBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return chunks.map((body, i) =>
    AppendRecord.bytes({
      body,
      ...(i === 0
        ? { headers: writeMessageHeaders({ frameBytes, frameRecords: chunks.length }) }
        : {}),
    }),
  );
}
