// The door of a writer lets in by order of arrival, whatever the sizes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Admission } from "../../src/async/admission.js";

describe("Admission", () => {
  it("does not let a small late item overtake a large waiting one", () => {
    const door = new Admission(10);
    const order: string[] = [];
    expect(door.tryEnter(8)).toBe(true);
    door.wait(9, () => order.push("large"));
    expect(door.tryEnter(1)).toBe(false);
    door.wait(1, () => order.push("small"));
    door.release(8);
    expect(order).toEqual(["large", "small"]);
  });

  it("bounds the number of items as well as the bytes", () => {
    const door = new Admission(100, 1);
    expect(door.tryEnter(1)).toBe(true);
    expect(door.tryEnter(1)).toBe(false);
    door.release(1);
    expect(door.tryEnter(1)).toBe(true);
  });

  it("lets the next one in when the head of the queue leaves", () => {
    const door = new Admission(10);
    door.tryEnter(6);
    const leave = door.wait(9, () => undefined);
    let isIn = false;
    door.wait(4, () => {
      isIn = true;
    });
    expect(leave()).toBe(true);
    expect(isIn).toBe(true);
    expect(leave()).toBe(false);
  });

  it("never holds more than its budget and forgets nobody", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 50 }), (sizes) => {
        const door = new Admission(10, 3);
        const inside: number[] = [];
        let admitted = 0;
        const enter = (size: number): void => {
          admitted++;
          inside.push(size);
          expect(inside.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(10);
          expect(inside.length).toBeLessThanOrEqual(3);
        };
        for (const size of sizes) {
          if (door.tryEnter(size)) enter(size);
          else door.wait(size, () => enter(size));
        }
        for (;;) {
          const size = inside.shift();
          if (size === undefined) break;
          door.release(size);
        }
        expect(admitted).toBe(sizes.length);
        expect(door.heldBytes).toBe(0);
      }),
    );
  });
});
