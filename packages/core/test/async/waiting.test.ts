// Queues, budgets and promises with two ends, against simple models.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/assert.js";
import { ByteSemaphore } from "../../src/async/byte-semaphore.js";
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

describe("a byte semaphore", () => {
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it("never holds more than its budget, except for one request alone, and grants in order", async () => {
    const requests = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(requests, async (sizes) => {
        const budget = new ByteSemaphore(10);
        const granted: number[] = [];
        const held: number[] = [];
        for (const [index, bytes] of sizes.entries())
          void budget.acquire(bytes).then((isGranted) => {
            expect(isGranted).toBe(true);
            granted.push(index);
            held.push(bytes);
          });
        await settle();
        while (held.length > 0) {
          const sum = held.reduce((a, b) => a + b, 0);
          expect(budget.heldBytes).toBe(sum);
          expect(sum <= 10 || held.filter((bytes) => bytes > 0).length === 1).toBe(true);
          budget.release(held.shift() as number);
          await settle();
        }
        expect(granted).toEqual(sizes.map((_, index) => index));
        expect(budget.heldBytes).toBe(0);
      }),
    );
  });

  it("does not let a small request overtake a large one", async () => {
    const budget = new ByteSemaphore(10);
    expect(budget.tryAcquire(8)).toBe(true);
    const large = budget.acquire(5);

    expect(budget.tryAcquire(1)).toBe(false);
    budget.release(8);

    expect(await large).toBe(true);
    expect(budget.tryAcquire(5)).toBe(true);
  });

  it("forgets who aborts, before or during the wait, and goes on with the next", async () => {
    const budget = new ByteSemaphore(10);
    const controller = new AbortController();
    await budget.acquire(10);
    const first = budget.acquire(10, controller.signal);
    const second = budget.acquire(3);

    controller.abort();
    budget.release(10);

    expect(await first).toBe(false);
    expect(await second).toBe(true);
    expect(budget.heldBytes).toBe(3);
    expect(await budget.acquire(1, controller.signal)).toBe(false);
  });

  it("skips a waiter in the middle that is gone", async () => {
    const budget = new ByteSemaphore(10);
    const controller = new AbortController();
    await budget.acquire(10);
    const first = budget.acquire(6);
    const gone = budget.acquire(6, controller.signal);
    const last = budget.acquire(4);

    controller.abort();
    budget.release(10);

    expect(await Promise.all([first, gone, last])).toEqual([true, false, true]);
  });

  it("takes no more back than it gave", () => {
    const budget = new ByteSemaphore(10);

    expect(() => budget.release(1)).toThrow(InvariantError);
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
