// Puts the records of a message together again. A declared size is checked before it is believed, and the
// buffer grows with what really comes. A message that never completes is dropped when the next one
// begins. Spec: SDK section 12.1 (#192, #230, #272).

import { S2Error } from "@s2kit/core";
import type { MessageHeaders } from "./message-headers.js";

export const DEFAULT_MAX_FRAME_BYTES: number = 100 * 1024 * 1024;

interface OpenFrame {
  readonly bytes: number;
  readonly records: number;
  readonly chunks: Uint8Array[];
  length: number;
}

export class FrameAssembler {
  private readonly maxFrameBytes: number;
  private open: OpenFrame | undefined;

  constructor(maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES) {
    this.maxFrameBytes = maxFrameBytes;
  }

  /**
   * Takes one record; gives the payload when it completes a message. A record outside of any message
   * gives nothing.
   *
   * @throws {S2Error} `FRAME_SIZE` for a declared size out of bounds; it can go on after that
   */
  push(headers: MessageHeaders, body: Uint8Array): Uint8Array | undefined {
    const { frameBytes, frameRecords } = headers;
    if (frameBytes !== undefined || frameRecords !== undefined) {
      this.open = undefined;
      this.open = this.begin(frameBytes, frameRecords);
    }
    const { open } = this;
    if (open === undefined) return undefined;
    open.chunks.push(body.slice());
    open.length += body.length;
    if (open.length > open.bytes || open.chunks.length > open.records) {
      this.open = undefined;
      return undefined;
    }
    if (open.chunks.length < open.records) return undefined;
    this.open = undefined;
    return open.length === open.bytes ? joined(open) : undefined;
  }

  private begin(bytes: number | undefined, records: number | undefined): OpenFrame {
    if (bytes === undefined || records === undefined || bytes < 1 || bytes > this.maxFrameBytes)
      throw frameSize(`frame size is out of bounds bytes=${bytes} maxBytes=${this.maxFrameBytes}`);
    if (records < 1 || records > bytes)
      throw frameSize(`frame cannot have so many records records=${records} bytes=${bytes}`);
    return { bytes, records, chunks: [], length: 0 };
  }
}

function joined({ chunks, length }: OpenFrame): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const payload = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    payload.set(chunk, at);
    at += chunk.length;
  }
  return payload;
}

function frameSize(message: string): S2Error {
  return new S2Error({ code: "FRAME_SIZE", message, origin: "server" });
}
