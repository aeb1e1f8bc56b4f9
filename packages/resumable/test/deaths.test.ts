// What survives: a producer that is killed, a network that cuts, acknowledgements that are lost.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { describe, expect, it } from "vitest";
import { createResumableStreamContext, GenerationFailedError } from "../src/context/index.js";
import { forgetful } from "./harness/forgetful.js";
import { BASIN, basinOf, closing, Model, startServer, take, whole } from "./harness/world.js";

const LEASE_MS = 600;
const PRODUCER = `${import.meta.dirname}/programs/producer.mjs`;

describe("a producer that is killed", () => {
  it("is noticed by who reads: the text stays, and nobody waits for ever", async () => {
    const url = await startServer();
    const child = spawn(process.execPath, [PRODUCER, url, BASIN, "s", String(LEASE_MS)]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said).toBe("two words");
    const context = createResumableStreamContext({
      basin: basinOf(url),
      waitUntil: null,
      leaseDurationMs: LEASE_MS,
    });
    const readers = await Promise.all(
      [0, 4].map(async (skip) => (await context.resumeExistingStream("s", skip))?.getReader()),
    );
    const texts = await Promise.all(
      readers.map((reader, i) => take(reader ?? expect.fail("none"), 9 - 4 * i)),
    );
    expect(texts).toEqual(["two words", "words"]);
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
    const started = performance.now();
    for (const reader of readers)
      await expect(reader?.read()).rejects.toBeInstanceOf(GenerationFailedError);
    expect(performance.now() - started).toBeLessThan(10_000);
    // Who comes later is told so at once.
    expect(await context.resumeExistingStream("s")).toBeNull();
    expect(await context.hasExistingStream("s")).toBe("DONE");
    const { records } = await basinOf(url)
      .stream("s")
      .read({ start: { from: { seqNum: 0 } } });
    const ends = records.filter(
      ({ headers, body }) => headers.length === 1 && /^(end|error)-/.test(body),
    );
    expect(ends).toHaveLength(1);
  });
});

describe("a server that is away for longer than the lease", () => {
  it("is no death: who reads is back before the producer, and waits for it", async () => {
    const url = await startServer();
    const [above, below] = [
      closing(await startFaultyNetwork(url)),
      closing(await startFaultyNetwork(url)),
    ];
    const [producer, reader] = [above, below].map((network) =>
      createResumableStreamContext({
        basin: basinOf(network.url),
        waitUntil: null,
        leaseDurationMs: 4000,
      }),
    );
    const model = new Model();
    const written = whole(await producer?.resumableStream("s", model.make));
    model.say("before");
    await expect
      .poll(() => basinOf(url).stream("s").checkTail())
      .toMatchObject({ tail: { seqNum: 2 } });
    const read = whole(await reader?.resumeExistingStream("s"));
    for (const network of [above, below]) {
      network.cutAfterBytesUp = 0;
      network.cut();
    }
    await new Promise((resolve) => setTimeout(resolve, 4200));
    below.cutAfterBytesUp = undefined;
    await new Promise((resolve) => setTimeout(resolve, 700));
    above.cutAfterBytesUp = undefined;
    model.say(", after");
    model.end();
    expect(await Promise.all([written, read])).toEqual(["before, after", "before, after"]);
  });
});

describe("a network that cuts", () => {
  it("changes nothing of the text, neither where it is written nor where it is read", async () => {
    const url = await startServer();
    const network = closing(await startFaultyNetwork(url));
    const errors: unknown[] = [];
    const context = createResumableStreamContext({
      basin: basinOf(network.url),
      waitUntil: null,
      onError: (error) => errors.push(error),
    });
    const model = new Model();
    const stream = await context.resumableStream("s", model.make);
    const text = whole(stream);
    const chunks = Array.from({ length: 120 }, (_, i) => `${i} `);
    for (const [index, chunk] of chunks.entries()) {
      model.say(chunk);
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (index % 10 === 9) network.cut();
    }
    model.end();
    expect(await text).toBe(chunks.join(""));
    expect(errors).toEqual([]);
    expect(await context.hasExistingStream("s")).toBe("DONE");
  });
});

describe("acknowledgements that are lost", () => {
  it("are asked for again, and nothing is written twice: the beginning, the text, the end", async () => {
    const url = await startServer();
    const { fetch: half, lost } = forgetful();
    const errors: unknown[] = [];
    const context = createResumableStreamContext({
      basin: basinOf(url, { fetch: half }),
      waitUntil: null,
      onError: (error) => errors.push(error),
    });
    const model = new Model();
    const stream = await context.resumableStream("s", model.make);
    const text = whole(stream);
    for (const chunk of ["a", "b", "c", "d"]) {
      model.say(chunk);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    model.end();
    expect(await text).toBe("abcd");
    await expect.poll(() => context.hasExistingStream("s")).toBe("DONE");
    expect(errors).toEqual([]);
    const { records } = await basinOf(url)
      .stream("s")
      .read({ start: { from: { seqNum: 0 } } });
    expect(records.map(({ body }) => body.split("-")[0])).toEqual([
      "session",
      "a",
      "b",
      "c",
      "d",
      "end",
    ]);
    expect(lost.length).toBeGreaterThanOrEqual(6);
  });
});
