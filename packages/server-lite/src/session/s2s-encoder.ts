// Read items as S2S frames: stored bytes go out as they are, behind a frame head and before the
// tail. A live batch that goes to many followers is framed once. Spec: data-plane#frames.

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
import type { ReadItem } from "../backend/read/reader.js";
import type { ReadEncoder } from "./read-session.js";

/** Below this, joining the parts of a frame is cheaper than writing them one by one. */
const JOIN_BYTES = 16 * 1024;

/** The plain frame of a live batch, without advice. */
const FRAME_KEY = "s2s";

export function createS2sEncoder(compression: FrameCompression, codec: FrameCodec): ReadEncoder {
  return {
    encode(item, reconnectAdvised) {
      if (compression !== "none") return compressed(item, compression, codec, reconnectAdvised);
      if (item.shared === undefined || reconnectAdvised) return plain(item, reconnectAdvised);
      const known = item.shared.encoded(FRAME_KEY) as readonly Uint8Array[] | undefined;
      if (known !== undefined) return known;
      const frame = plain(item, false);
      item.shared.remember(FRAME_KEY, frame, frame.length === 1 ? lengthOf(frame) : 0);
      return frame;
    },
    end: () => undefined,
    fail(error) {
      const { status, body } = errorToWire(error);
      return encodeTerminalFrame(status, JSON.stringify(body));
    },
  };
}

/** The parts of the protobuf message; stored bytes first. */
export function messageParts({ parts, tail }: ReadItem): readonly Uint8Array[] {
  return tail === undefined ? parts : [...parts, encodeReadBatchTail(tail)];
}

function plain(item: ReadItem, reconnectAdvised: boolean): readonly Uint8Array[] {
  const parts = messageParts(item);
  const length = lengthOf(parts);
  const flag = messageFlag({ reconnectAdvised });
  if (length > JOIN_BYTES) {
    const head = new Uint8Array(FRAME_HEAD_BYTES);
    writeFrameHead(head, 0, flag, length);
    return [head, ...parts];
  }
  // Not from the pool of the platform: a client that does not read would keep 64 KiB for some bytes.
  const frame = Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES + length);
  let at = writeFrameHead(frame, 0, flag, length);
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return [frame];
}

async function compressed(
  item: ReadItem,
  negotiated: FrameCompression,
  codec: FrameCodec,
  reconnectAdvised: boolean,
): Promise<readonly Uint8Array[]> {
  const parts = messageParts(item);
  const compression = compressionFor(negotiated, lengthOf(parts));
  if (compression === "none") return plain(item, reconnectAdvised);
  const body = await codec.compress(compression, Buffer.concat(parts));
  return [encodeMessageFrame(body, { compression, reconnectAdvised })];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
