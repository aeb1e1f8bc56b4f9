import { expect, it } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import { Turns } from "../../src/exchange/turns.js";

const here = { isGone: false } as Exchange;

function* counting(steps: number, onStep: () => void): Generator<undefined, number, undefined> {
  for (let step = 0; step < steps; step++) {
    onStep();
    yield;
  }
  return steps;
}

it("takes no turn for what ends with its first step", () => {
  expect(
    new Turns().run(
      counting(0, () => undefined),
      here,
    ),
  ).toBe(0);
});

it("gives all that wait together one step a turn, in order", async () => {
  const turns = new Turns();
  const taken: string[] = [];
  const a = turns.run(
    counting(3, () => taken.push("a")),
    here,
  );
  const b = turns.run(
    counting(3, () => taken.push("b")),
    here,
  );
  const perTurn: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    const before = taken.length;
    await new Promise(setImmediate);
    perTurn.push(taken.length - before);
  }
  expect(await Promise.all([a, b])).toEqual([3, 3]);
  expect(taken).toEqual(["a", "b", "a", "b", "a", "b"]);
  expect(Math.max(...perTurn)).toBe(1);
});

it("stops when the client has left", async () => {
  const exchange = { isGone: false };
  let steps = 0;
  const run = new Turns().run(
    counting(1000, () => steps++),
    exchange as Exchange,
  );
  exchange.isGone = true;
  await expect(run).rejects.toMatchObject({ code: "client_hangup" });
  expect(steps).toBe(1);
});
