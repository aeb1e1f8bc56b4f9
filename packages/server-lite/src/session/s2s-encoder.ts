// Read items as S2S frames: stored bytes go out as they are, behind a frame head and before the
// tail. A live batch that goes to many followers is framed once for each compression.
// Spec: data-plane#frames.

import {
  compressionFor,
  encodeMessageFrame,
  encodeReadBatchTail,
  encodeTerminalFrame,
  errorToWire,
  FRAME_HEAD_BYTES,
  type FrameCodec,
  type FrameCompression,
  messageFlag,
  writeFrameHead,
} from "@s2kit/core";
import type { LiveBatch } from "../backend/append/live-batch.js";
import type { ReadItem } from "../backend/read/read-item.js";
import { SharedOutput } from "../exchange/shared-output.js";
import type { ReadEncoder } from "./read-session.js";

/** Below this, joining the parts of a frame is cheaper than writing them one by one. */
const JOIN_BYTES = 16 * 1024;

export function createS2sEncoder(compression: FrameCompression, codec: FrameCodec): ReadEncoder {
  const key = `s2s-${compression}`;
  const frame = (item: ReadItem, isAdvised: boolean): SharedOutput | Promise<SharedOutput> => {
    const negotiated = compressionFor(compression, messageLength(item));
    return negotiated === "none"
      ? plain(item, isAdvised)
      : compressed(item, negotiated, codec, isAdvised);
  };
  return {
    encode(item, isAdvised) {
      const { shared } = item;
      // Advice is rare: only the frame without it is kept.
      if (shared === undefined || isAdvised) return frame(item, isAdvised);
      const known = shared.encoded(key) as SharedOutput | Promise<SharedOutput> | undefined;
      if (known !== undefined) return known;
      const framed = frame(item, false);
      keep(shared, key, framed);
      return framed;
    },
    end: () => undefined,
    fail(error) {
      const { status, body } = errorToWire(error);
      return encodeTerminalFrame(status, JSON.stringify(body));
    },
  };
}

/**
 * A frame that is still being compressed is kept too: those who come meanwhile wait for the same.
 */
function keep(live: LiveBatch, key: string, framed: SharedOutput | Promise<SharedOutput>): void {
  if (!(framed instanceof Promise)) return live.remember(key, framed, framed.buffers);
  live.remember(key, framed, []);
  framed.then(
    (output) => live.remember(key, output, output.buffers),
    // Whoever waits for it sees the failure.
    () => undefined,
  );
}

/** The parts of the protobuf message; stored bytes first. */
export function messageParts({ parts, tail }: ReadItem): readonly Uint8Array[] {
  return tail === undefined ? parts : [...parts, encodeReadBatchTail(tail)];
}

function messageLength(item: ReadItem): number {
  return lengthOf(messageParts(item));
}

function plain(item: ReadItem, reconnectAdvised: boolean): SharedOutput {
  const parts = messageParts(item);
  const length = lengthOf(parts);
  const flag = messageFlag({ reconnectAdvised });
  if (length > JOIN_BYTES) {
    const head = new Uint8Array(FRAME_HEAD_BYTES);
    writeFrameHead(head, 0, flag, length);
    return SharedOutput.of([head, ...parts]);
  }
  const { output, bytes } = SharedOutput.allocate(FRAME_HEAD_BYTES + length);
  let at = writeFrameHead(bytes, 0, flag, length);
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return output;
}

function compressed(
  item: ReadItem,
  compression: "zstd" | "gzip",
  codec: FrameCodec,
  reconnectAdvised: boolean,
): SharedOutput | Promise<SharedOutput> {
  const body = codec.compress(compression, Buffer.concat(messageParts(item)));
  const frame = (bytes: Uint8Array): SharedOutput =>
    SharedOutput.of([encodeMessageFrame(bytes, { compression, reconnectAdvised })]);
  return body instanceof Promise ? body.then(frame) : frame(body);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
