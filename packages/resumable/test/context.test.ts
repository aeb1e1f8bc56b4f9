// The context over a real server: begun, resumed, skipped into, raced for, stopped; models that fail, are silent, or say
// odd things.

import { describe, expect, it } from "vitest";
import {
  createResumableStreamContext,
  GenerationFailedError,
  type ResumableStreamComponents,
  type ResumableStreamContext,
} from "../src/context/index.js";
import { basinOf, Model, modelOf, startServer, take, whole } from "./harness/world.js";

const LEASE_MS = 600;

function contextOf(
  url: string,
  more: Partial<ResumableStreamComponents> = {},
): ResumableStreamContext {
  return createResumableStreamContext({
    basin: basinOf(url),
    waitUntil: null,
    leaseDurationMs: LEASE_MS,
    ...more,
  });
}

describe("a generation", () => {
  it("is begun once, and read whole by whoever comes while it runs", async () => {
    const url = await startServer();
    const model = new Model();
    const first = await contextOf(url).resumableStream("chat/1", model.make);
    const reader = first?.getReader() ?? expect.fail("no stream");
    model.say("Hello, ");
    expect(await take(reader, 7)).toBe("Hello, ");
    const other = contextOf(url);
    const second = other.resumableStream("chat/1", () => expect.fail("asked again"));
    const third = other.resumeExistingStream("chat/1", 5);
    expect(await other.hasExistingStream("chat/1")).toBe(true);
    model.say("", "wor", "ld");
    model.end();
    expect(await whole(await second)).toBe("Hello, world");
    expect(await whole(await third)).toBe(", world");
    expect(await take(reader, 99)).toBe("world");
    expect(model.asked).toBe(1);
  });

  it("is begun by one of many who race for it", async () => {
    const url = await startServer();
    const models = Array.from({ length: 8 }, (_, i) => modelOf(`text ${i}`));
    const streams = models.map((model) =>
      contextOf(url).createNewResumableStream("race", model.make),
    );
    const texts = new Set(
      await Promise.all(streams.map(async (each) => (await each) && whole(await each))),
    );
    // Who came after it was over gets nothing.
    texts.delete(null as never);
    expect(texts.size).toBe(1);
    expect(models.filter(({ asked }) => asked > 0)).toHaveLength(1);
  });

  it("goes on when nobody reads, and is over then", async () => {
    const url = await startServer();
    const model = new Model();
    let isProduced = false;
    const waitUntil = (promise: Promise<unknown>): void =>
      void promise.then(() => (isProduced = true));
    const context = contextOf(url, { waitUntil });
    const stream = await context.resumableStream("s", model.make);
    await stream?.cancel();
    model.say("unheard");
    const resumed = await context.resumeExistingStream("s");
    model.end();
    expect(await whole(resumed)).toBe("unheard");
    await expect.poll(() => isProduced).toBe(true);
    expect(await context.resumableStream("s", model.make)).toBeNull();
    expect(await context.resumeExistingStream("s")).toBeNull();
    expect(await context.hasExistingStream("s")).toBe("DONE");
    expect(model.cancelled).toBeUndefined();
  });

  it("is none before it is begun, whether or not the basin makes streams by itself", async () => {
    const url = await startServer();
    const basin = basinOf(url);
    const context = contextOf(url);
    for (const streamId of ["s", "t"]) {
      expect(await context.hasExistingStream(streamId)).toBeNull();
      expect(await context.resumeExistingStream(streamId)).toBeUndefined();
      expect(await context.stopStream(streamId)).toBe(false);
      if (streamId === "t") await basin.streams.create({ stream: "t" });
      expect(await whole(await context.resumableStream(streamId, modelOf("x").make))).toBe("x");
    }
    const { retentionPolicy } = await basin.streams.getConfig({ stream: "s" });
    expect(retentionPolicy).toEqual({ ageSecs: 86_400 });
  });
});

describe("the text", () => {
  it("is the model's to the last half of a character, in chunks of any size", async () => {
    const url = await startServer();
    const context = contextOf(url);
    const texts: readonly (readonly string[])[] = [
      ["😀".slice(0, 1), "😀".slice(1), "ä", "\u0000\r\n"],
      ["x".repeat(3_000_000), "😀".repeat(400_000)],
      Array.from({ length: 5000 }, (_, i) => `${i} `),
      ["", "", ""],
    ];
    for (const [index, chunks] of texts.entries()) {
      const text = await whole(
        await context.resumableStream(`text-${index}`, modelOf(...chunks).make),
      );
      expect(text === chunks.join("")).toBe(true);
    }
  });

  it("reaches a reader who is slow, also after the end", async () => {
    const url = await startServer();
    const model = new Model();
    const context = contextOf(url);
    const stream = await context.resumableStream("slow", model.make);
    const reader = stream?.getReader() ?? expect.fail("no stream");
    model.say("a");
    expect(await take(reader, 1)).toBe("a");
    for (let i = 0; i < 200; i++) model.say("b".repeat(10_000));
    model.end();
    await expect.poll(() => context.hasExistingStream("slow")).toBe("DONE");
    expect((await take(reader, Number.POSITIVE_INFINITY)).length).toBe(2_000_000);
  });

  it("lies in the stream as the official package writes it", async () => {
    const url = await startServer();
    await whole(await contextOf(url).resumableStream("s", modelOf("a", "", "b").make));
    const { records } = await basinOf(url)
      .stream("s")
      .read({ start: { from: { seqNum: 0 } } });
    const plain = records.filter(({ headers }) => headers.length === 0).map(({ body }) => body);
    expect(plain.join("")).toBe("ab");
    const fences = records.filter(({ headers }) => headers[0]?.[1] === "fence");
    expect(fences.map(({ body, seqNum }) => [body.split("-")[0], seqNum])).toEqual([
      ["session", 0],
      ["end", records.length - 1],
    ]);
  });

  it("of the official package is read by ours", async () => {
    const url = await startServer();
    const stream = basinOf(url).stream("theirs");
    await basinOf(url).streams.create({ stream: "theirs" });
    await stream.fence("session-5f1c", { matchSeqNum: 0 });
    await stream.append({
      records: [{ body: "their " }, { body: "text" }],
      fencingToken: "session-5f1c",
    });
    const resumed = whole(await contextOf(url).resumeExistingStream("theirs", 2));
    await stream.fence("end-77aa", { fencingToken: "session-5f1c" });
    expect(await resumed).toBe("eir text");
    expect(await contextOf(url).hasExistingStream("theirs")).toBe("DONE");
  });
});

describe("a model", () => {
  it("that fails ends the generation, and its words stay with the producer", async () => {
    const url = await startServer();
    const told: unknown[] = [];
    const context = contextOf(url, { onError: (error, id) => told.push(error, id) });
    const model = new Model();
    const stream = await context.resumableStream("s", model.make);
    const reader = stream?.getReader() ?? expect.fail("no stream");
    const resumed = await context.resumeExistingStream("s");
    model.say("half");
    // What waits in a stream that fails is gone: the chunk must have left it.
    expect(await take(reader, 4)).toBe("half");
    const secret = new Error("key sk-secret is out of quota");
    model.fail(secret);
    for (const read of [take(reader, 9), whole(resumed)]) {
      const error = await read.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(GenerationFailedError);
      expect(String(error)).not.toContain("secret");
    }
    expect(told).toEqual([secret, "s"]);
    const { records } = await basinOf(url)
      .stream("s")
      .read({ start: { from: { seqNum: 0 } } });
    expect(JSON.stringify(records)).not.toContain("secret");
    expect(await context.hasExistingStream("s")).toBe("DONE");
  });

  it("that cannot be asked is one that fails", async () => {
    const url = await startServer();
    const stream = await contextOf(url).resumableStream("s", () => {
      throw new Error("no model");
    });
    await expect(whole(stream)).rejects.toBeInstanceOf(GenerationFailedError);
  });

  it("that is silent for longer than the lease is not taken for dead", async () => {
    const url = await startServer();
    const model = new Model();
    const stream = await contextOf(url).resumableStream("s", model.make);
    const text = whole(stream);
    const resumed = whole(await contextOf(url).resumeExistingStream("s"));
    model.say("before ");
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
    model.say("after");
    model.end();
    expect(await Promise.all([text, resumed])).toEqual(["before after", "before after"]);
  });

  it("is not ended by a reader who is behind, however long", async () => {
    const url = await startServer();
    const model = new Model();
    const stream = await contextOf(url).resumableStream("s", model.make);
    const reader = stream?.getReader() ?? expect.fail("no stream");
    model.say("a");
    expect(await take(reader, 1)).toBe("a");
    model.say("b", "c");
    await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
    model.say("d");
    model.end();
    expect(await take(reader, 9)).toBe("bcd");
  });

  it("is cancelled by a stop, wherever it comes from, and all readers see the end", async () => {
    const url = await startServer();
    const model = new Model();
    const stream = await contextOf(url).resumableStream("s", model.make);
    const resumed = whole(await contextOf(url).resumeExistingStream("s"));
    const reader = stream?.getReader() ?? expect.fail("no stream");
    model.say("so far");
    await take(reader, 6);
    expect(await contextOf(url).stopStream("s")).toBe(true);
    expect(await take(reader, 1)).toBe("");
    expect(await resumed).toBe("so far");
    await expect.poll(() => model.cancelled, { timeout: 3 * LEASE_MS }).toBeDefined();
    expect(await contextOf(url).stopStream("s")).toBe(false);
    expect(await contextOf(url).hasExistingStream("s")).toBe("DONE");
  });
});

it("refuses a lease that is none", () => {
  for (const leaseDurationMs of [0, 99, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() =>
      createResumableStreamContext({ basin: {} as never, waitUntil: null, leaseDurationMs }),
    ).toThrow("leaseDurationMs");
});
