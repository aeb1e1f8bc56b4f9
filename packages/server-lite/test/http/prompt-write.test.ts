// Writes past the library, on real sockets: what the system takes in the call has left, what it does not
// take is told when it has.

import { connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { afterWrites, isPrompt, writePromptly } from "../../src/http/prompt-write.js";

const MIB = 1024 * 1024;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function pair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const arrived = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const { port } = server.address() as { port: number };
  const far = connect(port, "127.0.0.1");
  const near = await arrived;
  closers.push(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

test("what the system takes at once has left, in one part or in several", async () => {
  const { near, far } = await pair();
  let got = 0;
  far.on("data", (chunk) => (got += chunk.length));
  expect(isPrompt(near)).toBe(true);
  expect(writePromptly([new Uint8Array(100)], near)).toBe(true);
  expect(writePromptly([new Uint8Array(10), new Uint8Array(20)], near)).toBe(true);
  expect(isPrompt(near)).toBe(true);
  await expect.poll(() => got).toBe(130);
});

test("what a reader does not take stays, and is told when it has left", async () => {
  const { near, far } = await pair();
  let got = 0;
  let hasLeft = false;
  far.pause();
  far.on("data", (chunk) => (got += chunk.length));
  far.pause();
  expect(writePromptly([new Uint8Array(32 * MIB)], near)).toBe(false);
  expect(isPrompt(near)).toBe(false);
  afterWrites(near, () => (hasLeft = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hasLeft).toBe(false);
  far.resume();
  await expect.poll(() => hasLeft, { timeout: 10_000 }).toBe(true);
  await expect.poll(() => got).toBe(32 * MIB);
  expect(isPrompt(near)).toBe(true);
});

test("a socket that goes away is told too, and takes nothing more", async () => {
  const { near, far } = await pair();
  near.on("error", () => undefined);
  far.pause();
  writePromptly([new Uint8Array(32 * MIB)], near);
  const told = new Promise<void>((resolve) => afterWrites(near, () => resolve()));
  near.destroy();
  await told;
  expect(isPrompt(near)).toBe(false);
});
