// Golden vectors of S2S frames: V1 to V22 and N1 to N8 of the specification, and more.

import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { S2Error } from "../../src/error.js";
import { decodeAppendAck, encodeAppendAck } from "../../src/proto/append-ack.js";
import { decodeAppendInput, encodeAppendInput } from "../../src/proto/append-input.js";
import { decodeReadBatch, encodeReadBatch } from "../../src/proto/read-batch.js";
import { scanAppendInput } from "../../src/proto/scan-append.js";
import { compressionFor, negotiateFrameCompression } from "../../src/s2s/compression.js";
import {
  encodeMessageFrame,
  encodeTerminalFrame,
  type Frame,
  type FrameCompression,
} from "../../src/s2s/frame.js";
import { createFrameDecoder } from "../../src/s2s/frame-decoder.js";
import {
  appendAckOf,
  appendInputOf,
  bytesOf,
  hexOf,
  type NeutralMessage,
  readBatchOf,
  vectorsOf,
} from "./load.js";

type MessageOutcome = NeutralMessage | { readonly type: string; readonly error: string };

interface NeutralFrame {
  readonly kind: "message" | "terminal";
  readonly compression: FrameCompression;
  readonly reconnect_advised: boolean;
  readonly body: string;
  readonly message?: MessageOutcome;
  readonly status: number;
  readonly json: string;
}

interface FrameVector {
  readonly chunks: readonly string[];
  readonly frames: readonly NeutralFrame[];
  readonly ends: "clean" | "partial" | "error";
  readonly encodes?: boolean;
  readonly encodes_frame?: boolean;
  readonly batch_error?: string;
}

const VECTORS = vectorsOf<FrameVector>("frames.json");

/** Frames with their bodies copied, and how the stream ended. */
function decodeAll(chunks: readonly Uint8Array[]): { frames: Frame[]; ends: string } {
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
        frames.push(frame.kind === "message" ? { ...frame, body: frame.body.slice() } : frame);
    }
  } catch (error) {
    expect(error).toMatchObject({ code: "bad_frame" });
    return { frames, ends: "error" };
  }
  try {
    decoder.end();
    return { frames, ends: "clean" };
  } catch (error) {
    expect(error).toMatchObject({ code: "bad_frame" });
    return { frames, ends: "partial" };
  }
}

function frameOf(neutral: NeutralFrame): Frame {
  if (neutral.kind === "terminal")
    return { kind: "terminal", status: neutral.status, json: neutral.json };
  const { compression, reconnect_advised: reconnectAdvised } = neutral;
  return { kind: "message", compression, reconnectAdvised, body: bytesOf(neutral.body) };
}

function inflated(frame: NeutralFrame): Uint8Array {
  const body = bytesOf(frame.body);
  if (frame.compression === "gzip") return gunzipSync(body);
  return frame.compression === "zstd" ? zstdDecompressSync(body) : body;
}

function decodeMessage(message: MessageOutcome, bytes: Uint8Array): unknown {
  if (message.type === "AppendAck") return decodeAppendAck(bytes);
  return message.type === "AppendInput" ? decodeAppendInput(bytes) : decodeReadBatch(bytes);
}

function encodeMessage(message: NeutralMessage): Uint8Array {
  if (message.type === "AppendAck") return encodeAppendAck(appendAckOf(message.value));
  return message.type === "AppendInput"
    ? encodeAppendInput(appendInputOf(message.value))
    : encodeReadBatch(readBatchOf(message.value));
}

function valueOf(message: NeutralMessage): unknown {
  if (message.type === "AppendAck") return appendAckOf(message.value);
  return message.type === "AppendInput" ? appendInputOf(message.value) : readBatchOf(message.value);
}

function encodeFrame(frame: NeutralFrame): Uint8Array {
  if (frame.kind === "terminal") return encodeTerminalFrame(frame.status, frame.json);
  const { compression, reconnect_advised: reconnectAdvised, message } = frame;
  const body =
    message !== undefined && "value" in message && compression === "none"
      ? encodeMessage(message)
      : bytesOf(frame.body);
  return encodeMessageFrame(body, { compression, reconnectAdvised });
}

describe("frames", () => {
  it.each(VECTORS)("$id decodes: $meaning", ({ chunks, frames, ends }) => {
    expect(decodeAll(chunks.map(bytesOf))).toEqual({ frames: frames.map(frameOf), ends });
  });

  it.each(VECTORS)("$id decodes at any chunking: $meaning", ({ chunks, frames, ends }) => {
    const bytes = bytesOf(chunks.join(""));
    for (let size = 1; size <= Math.min(bytes.length, 64); size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(decodeAll(pieces)).toEqual({ frames: frames.map(frameOf), ends });
    }
  });

  const encoded = VECTORS.filter(({ encodes, encodes_frame }) => encodes === true || encodes_frame);
  it.each(encoded)("$id encodes: $meaning", ({ chunks, frames }) => {
    expect(frames.map((frame) => hexOf(encodeFrame(frame))).join("")).toBe(chunks.join(""));
  });

  const messages = VECTORS.flatMap(({ id, meaning, frames }) =>
    frames.flatMap((frame) => (frame.message === undefined ? [] : [{ id, meaning, frame }])),
  );
  it.each(messages)("$id carries its message: $meaning", ({ frame }) => {
    const message = frame.message as MessageOutcome;
    const read = (): unknown => decodeMessage(message, inflated(frame));

    if (!("error" in message)) expect(read()).toEqual(valueOf(message));
    else if (message.error === "inflate") expect(read).toThrow(/incorrect (data|length) check/);
    else expect(read).toThrow(`[${message.error}]`);
  });

  it.each(VECTORS.filter(({ batch_error }) => batch_error !== undefined))(
    "$id is no batch to append: $meaning",
    ({ frames, batch_error }) => {
      for (const { body } of frames)
        expect(() => scanAppendInput(bytesOf(body))).toThrow(`[${batch_error}]`);
    },
  );

  it("V22 hands out the first frame before the second is whole", () => {
    const vector = VECTORS.find(({ id }) => id === "V22");
    const decoder = createFrameDecoder();
    decoder.push(bytesOf(vector?.chunks[0] ?? ""));

    expect([decoder.next()?.kind, decoder.next()]).toEqual(["message", undefined]);
    expect(() => decoder.end()).toThrow(S2Error);
  });
});

interface CompressionVector {
  readonly body_bytes: number;
  readonly protobuf_bytes: number;
  readonly negotiated: FrameCompression;
  readonly compression: FrameCompression;
  readonly frame_starts?: string;
}

describe("compression", () => {
  it.each(vectorsOf<CompressionVector>("compression.json"))("$id: $meaning", (vector) => {
    const body = new Uint8Array(vector.body_bytes).fill(0x61);
    const protobuf = encodeAppendInput({ records: [{ headers: [], body }] });

    expect(protobuf.length).toBe(vector.protobuf_bytes);
    expect(compressionFor(vector.negotiated, protobuf.length)).toBe(vector.compression);
    if (vector.frame_starts !== undefined)
      expect(hexOf(encodeMessageFrame(protobuf)).startsWith(vector.frame_starts)).toBe(true);
  });

  it.each(
    vectorsOf<{ accept_encoding: string | null; negotiated: FrameCompression }>(
      "accept-encoding.json",
    ),
  )("$id: $meaning", (vector) => {
    expect(negotiateFrameCompression(vector.accept_encoding ?? undefined)).toBe(vector.negotiated);
  });
});
