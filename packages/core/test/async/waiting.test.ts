// Queues and promises with two ends, against simple models.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deferred } from "../../src/async/deferred.js";
import { Fifo } from "../../src/async/fifo.js";

describe("a fifo", () => {
  it("behaves as an array does, at any mix of pushes and shifts", () => {
    const action = fc.oneof(
      { arbitrary: fc.nat(), weight: 6 },
      { arbitrary: fc.constant("shift"), weight: 2 },
      { arbitrary: fc.constant("peek"), weight: 1 },
    );
    const actions = fc.array(action, { maxLength: 300, size: "max" });
    fc.assert(
      fc.property(actions, (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (typeof step === "number") {
            fifo.push(step);
            model.push(step);
          } else if (step === "shift") expect(fifo.shift()).toBe(model.shift());
          else expect(fifo.peek()).toBe(model[0]);
          expect(fifo.length).toBe(model.length);
        }
        expect([...fifo]).toEqual(model);
        fifo.clear();
        expect([fifo.length, fifo.shift(), fifo.peek()]).toEqual([0, undefined, undefined]);
      }),
    );
  });
});

describe("a deferred", () => {
  it("settles from outside, once", async () => {
    const resolved = deferred<number>();
    resolved.resolve(1);
    resolved.resolve(2);
    const rejected = deferred<number>();
    rejected.reject(new Error("no"));

    expect(await resolved.promise).toBe(1);
    await expect(rejected.promise).rejects.toThrow("no");
  });
});
