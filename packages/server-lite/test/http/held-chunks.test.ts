// Chunks that come while a body is held: taken together, handed on whole and in order, and its end
// behind them.

import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { HeldChunks } from "../../src/http/held-chunks.js";

function bodyOf(): { source: Readable; got: () => string; pieces: () => number } {
  const source = new Readable({ read: () => undefined });
  const chunks: Buffer[] = [];
  source.on("data", (chunk: Buffer) => chunks.push(chunk));
  return {
    source,
    got: () => Buffer.concat(chunks).toString(),
    pieces: () => chunks.length,
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("tiny chunks are one piece when the body goes on, in order, and later ones are as they come", async () => {
  const { source, got, pieces } = bodyOf();
  source.push(Buffer.from("before "));
  await turn();
  source.pause();
  const held = new HeldChunks(source);
  const text = "what comes in tiny pieces ".repeat(100);
  for (const letter of text) expect(source.push(Buffer.from(letter))).toBe(false);
  await turn();
  expect(got()).toBe("before ");
  held.release();
  source.resume();
  await turn();
  expect([got(), pieces()]).toEqual([`before ${text}`, 2]);
  source.push(Buffer.from("after"));
  await turn();
  expect([got(), pieces()]).toEqual([`before ${text}after`, 3]);
});

test("the end of a body comes behind what was held", async () => {
  const { source, got } = bodyOf();
  await turn();
  source.pause();
  const held = new HeldChunks(source);
  source.push(Buffer.from("a"));
  source.push(Buffer.from("b"));
  source.push(null);
  held.release();
  source.resume();
  await turn();
  expect([got(), source.readableEnded]).toEqual(["ab", true]);
});

test("a body that others let go on loses nothing", async () => {
  const { source, got } = bodyOf();
  await turn();
  source.pause();
  const held = new HeldChunks(source);
  source.push(Buffer.from("held "));
  source.resume();
  source.push(Buffer.from("and on"));
  await turn();
  expect(got()).toBe("held and on");
  held.release();
  await turn();
  expect(got()).toBe("held and on");
});
