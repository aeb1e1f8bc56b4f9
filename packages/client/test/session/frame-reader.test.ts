// From chunks to messages: what is handed out stays as it was, and what waits for decompression is bounded by
// holding up the peer.

import { gzipSync } from "node:zlib";
import {
  encodeMessageFrame,
  encodeReadBatch,
  encodeUtf8,
  type FrameCodec,
  type S2Error,
} from "@s2kit/core";
import { describe, expect, it, vi } from "vitest";
import { FrameReader } from "../../src/session/frame-reader.js";
import { peer, stream } from "../harness/client.js";

// What hangs here hangs for ever: no need to wait long for it.
vi.setConfig({ testTimeout: 8000 });

/** A codec whose decompression ends when the test says so. */
function slowCodec(): FrameCodec & { finish(): void } {
  const waiting: (() => void)[] = [];
  return {
    compress: (_, body) => body,
    decompress: (_, body) => new Promise((resolve) => waiting.push(() => resolve(body))),
    finish: () => waiting.shift()?.(),
  };
}

function readerOf(codec?: FrameCodec, canPause = true) {
  const messages: Uint8Array[] = [];
  const flow: string[] = [];
  const broken: S2Error[] = [];
  const reader = new FrameReader(
    {
      onMessage: (body) => void messages.push(body),
      onTerminal: () => undefined,
      onBroken: (error) => void broken.push(error),
    },
    {
      pause: () => {
        flow.push("pause");
        return canPause;
      },
      resume: () => void flow.push("resume"),
    },
    codec,
    codec === undefined ? "none" : "gzip",
  );
  return { reader, messages, flow, broken };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a reader of frames", () => {
  it("hands out messages that later ones do not overwrite, however the chunks are cut", () => {
    const { reader, messages } = readerOf();
    const texts = ["first", "other", "third"];
    for (const text of texts) {
      const frame = encodeMessageFrame(encodeUtf8(text));
      // Cut inside, so that each is gathered in the same buffer.
      reader.push(frame.slice(0, 6));
      reader.push(frame.slice(6));
    }
    expect(messages.map((body) => new TextDecoder().decode(body))).toEqual(texts);
  });

  it("holds the peer up while decompression is behind, and lets it go on afterwards", async () => {
    const codec = slowCodec();
    const { reader, messages, flow } = readerOf(codec);
    const packed = encodeMessageFrame(encodeUtf8("packed"), { compression: "gzip" });
    const plain = encodeMessageFrame(new Uint8Array(300 * 1024));
    reader.push(packed);
    for (let i = 0; i < 3; i++) reader.push(plain);
    expect(flow).toEqual([]);
    reader.push(plain);
    reader.push(packed);
    expect([flow, reader.isFull]).toEqual([["pause"], true]);
    codec.finish();
    await turn();
    // The second packed message keeps what came behind it waiting, but nothing did.
    expect(messages).toHaveLength(5);
    codec.finish();
    await turn();
    expect([flow, reader.isFull, messages.length]).toEqual([["pause", "resume"], false, 6]);
  });

  it("breaks with a carrier that cannot be held up, before it holds too much", () => {
    const { reader, flow, broken } = readerOf(slowCodec(), false);
    reader.push(encodeMessageFrame(encodeUtf8("packed"), { compression: "gzip" }));
    const chunk = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 40; i++) reader.push(chunk);
    expect(flow).toEqual(["pause"]);
    expect(broken).toMatchObject([{ code: "PROTOCOL_ERROR" }]);
  });
});

describe("a compressed read session", () => {
  it("comes whole and in order, held up and let go as decompression can follow", async () => {
    const server = await peer();
    // Decompresses to 900 KiB in a thread; small on the wire would not fill anything.
    const body = Buffer.alloc(900 * 1024, Buffer.from(Array.from({ length: 997 }, (_, i) => i)));
    const count = 40;
    server.always(async (exchange) => {
      exchange.open();
      for (let seqNum = 0; seqNum < count; seqNum++) {
        const plain = encodeReadBatch({
          records: [{ seqNum, timestamp: 0, headers: [], body }],
        });
        const packed = gzipSync(plain, { level: 0 });
        exchange.send(encodeMessageFrame(packed, { compression: "gzip" }));
        await exchange.drained();
      }
      exchange.end();
    });
    const session = await stream(server.url, { compression: "gzip" }).readSession(
      { start: { from: { seqNum: 0 } }, stop: { limits: { count } } },
      { as: "bytes" },
    );
    const seqNums: number[] = [];
    for await (const record of session) {
      seqNums.push(record.seqNum);
      if (seqNums.length % 10 === 0) await turn();
    }
    expect(seqNums).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});
