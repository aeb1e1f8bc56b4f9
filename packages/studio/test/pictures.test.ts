// When the page is told: once for many changes, never while it draws, and not after the end.

import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it } from "vitest";
import { Pictures } from "../src/page/worker/pictures.js";

function start() {
  const clock = createSimulatedClock();
  let sent = 0;
  const pictures = new Pictures(
    clock,
    () => 16,
    () => sent++,
  );
  return {
    pictures,
    clock,
    sentAfter: async (ms: number): Promise<number> => {
      await clock.advanceAsync(ms);
      return sent;
    },
  };
}

it("sends one picture for many changes, a frame after the first", async () => {
  const { pictures, sentAfter } = start();
  for (let i = 0; i < 100; i++) pictures.changed();
  expect(await sentAfter(15)).toBe(0);
  expect(await sentAfter(100)).toBe(1);
});

it("waits for the page to have drawn, then sends what came meanwhile, once", async () => {
  const { pictures, sentAfter } = start();
  pictures.changed();
  expect(await sentAfter(16)).toBe(1);
  for (let i = 0; i < 10; i++) pictures.changed();
  expect(await sentAfter(60_000)).toBe(1);
  pictures.drawn();
  expect(await sentAfter(16)).toBe(2);
  pictures.drawn();
  expect(await sentAfter(60_000)).toBe(2);
  pictures.changed();
  expect(await sentAfter(16)).toBe(3);
});

it("sends nothing after the end, whatever was due", async () => {
  const { pictures, sentAfter } = start();
  pictures.changed();
  pictures.close();
  pictures.changed();
  pictures.drawn();
  expect(await sentAfter(1000)).toBe(0);
});
