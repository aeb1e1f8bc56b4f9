// What a reader that waits keeps in memory: not what it handed out. The platform keeps each variable of
// a function that waits, and with it the last chunk.

import { encodeMessageFrame, encodeReadBatch } from "@s2kit/core";
import { expect, it } from "vitest";
import { FrameReader } from "../../src/session/frame-reader.js";
import { AliveBuffers } from "../../src/testing/alive.js";
import { createFetchTransport } from "../../src/transport/fetch.js";

it("an exchange by fetch keeps no chunk while it waits for the next one", async () => {
  const alive = new AliveBuffers();
  const source: { controller?: ReadableStreamDefaultController<Uint8Array> } = {};
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      source.controller = controller;
    },
  });
  const transport = createFetchTransport({ fetch: async () => new Response(body) });
  let received = 0;
  const exchange = transport.open(
    { kind: "read", url: "http://localhost/", headers: async () => ({}) },
    {
      onHead: () => undefined,
      onWritable: () => undefined,
      onData: (chunk) => (received += chunk.length),
      onEnd: () => undefined,
    },
  );
  for (let sent = 1; sent <= 3; sent++) {
    await expect.poll(() => source.controller).toBeDefined();
    source.controller?.enqueue(alive.make(100_000));
    await expect.poll(() => received).toBe(sent * 100_000);
  }
  expect(await alive.count()).toBe(0);
  exchange.abort();
});

it("a reader of frames keeps no chunk of which everything was handed out", async () => {
  const alive = new AliveBuffers();
  let messages = 0;
  const reader = new FrameReader(
    { onMessage: () => messages++, onTerminal: () => undefined, onBroken: () => undefined },
    { pause: () => true, resume: () => undefined },
    undefined,
    "none",
  );
  const frame = encodeMessageFrame(encodeReadBatch({ records: [] }));
  // Not here: this function waits as well.
  const send = (): void => {
    const chunk = alive.make(100_000);
    chunk.set(frame);
    reader.push(chunk.subarray(0, frame.length));
  };
  for (let sent = 0; sent < 3; sent++) send();
  expect(messages).toBe(3);
  expect(await alive.count()).toBe(0);
});
