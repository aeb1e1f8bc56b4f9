// The one door to bounded room: never too much inside, strictly in order of arrival, nothing left by who leaves.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/assert.js";
import { Admission } from "../../src/async/admission.js";

const MAX_BYTES = 10;
const MAX_ITEMS = 3;

/** Somebody at the door, with what became of it. */
class Visitor {
  readonly bytes: number;
  readonly controller = new AbortController();
  state: "waiting" | "inside" | "gone" = "waiting";

  constructor(door: Admission, bytes: number, entered: (visitor: Visitor) => void) {
    this.bytes = bytes;
    void door.enter(bytes, this.controller.signal, (hasRoom) => {
      this.state = hasRoom ? "inside" : "gone";
      if (hasRoom) entered(this);
    });
  }
}

/** What anybody may do; a number picks whom. */
const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ enter: fc.integer({ min: 0, max: MAX_BYTES }) }), weight: 5 },
    { arbitrary: fc.record({ release: fc.nat() }), weight: 3 },
    { arbitrary: fc.record({ abort: fc.nat() }), weight: 2 },
  ),
  { maxLength: 200, size: "max" },
);

const hasRoom = (isIn: boolean): boolean => isIn;

describe("a door", () => {
  it("never holds more than its room, lets in by order of arrival, and is empty when all have left", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const door = new Admission(MAX_BYTES, MAX_ITEMS);
        const visitors: Visitor[] = [];
        const order: Visitor[] = [];
        const of = (state: Visitor["state"]) => visitors.filter((each) => each.state === state);
        const heldNow = () => of("inside").reduce((sum, { bytes }) => sum + bytes, 0);
        const pick = (state: Visitor["state"], n: number) => {
          const all = of(state);
          return all[n % all.length];
        };
        const leave = (visitor: Visitor) => {
          visitor.state = "gone";
          door.release(visitor.bytes);
        };
        for (const step of taken) {
          if ("enter" in step)
            visitors.push(new Visitor(door, step.enter, (visitor) => order.push(visitor)));
          else if ("abort" in step) pick("waiting", step.abort)?.controller.abort();
          else {
            const visitor = pick("inside", step.release);
            if (visitor !== undefined) leave(visitor);
          }

          expect(door.heldBytes).toBe(heldNow());
          expect(door.heldBytes).toBeLessThanOrEqual(MAX_BYTES);
          expect(of("inside").length).toBeLessThanOrEqual(MAX_ITEMS);
          expect(door.waitingCount).toBe(of("waiting").length);
          // Nobody waits at an open door.
          const [head] = of("waiting");
          const isFull =
            head !== undefined &&
            (heldNow() + head.bytes > MAX_BYTES || of("inside").length === MAX_ITEMS);
          expect(head === undefined || isFull).toBe(true);
        }
        const inOrder = order.map((visitor) => visitors.indexOf(visitor));
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));

        for (const { controller } of of("waiting")) controller.abort();
        for (const visitor of of("inside")) leave(visitor);
        expect([door.heldBytes, door.waitingCount]).toEqual([0, 0]);
        for (let i = 0; i < MAX_ITEMS; i++) expect(door.tryEnter(0)).toBe(true);
      }),
    );
  });

  it("does not let a small late item overtake a large waiting one", () => {
    const door = new Admission(10);
    const order: string[] = [];
    door.tryEnter(8);
    void door.enter(9, undefined, () => order.push("large"));
    expect(door.tryEnter(1)).toBe(false);
    void door.enter(1, undefined, () => order.push("small"));

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

  it("refuses at once what no room would ever be enough for", async () => {
    const door = new Admission(10);

    expect(() => door.tryEnter(11)).toThrow(InvariantError);
    await expect(door.enter(11, undefined, hasRoom)).rejects.toThrow(InvariantError);

    expect([door.heldBytes, door.waitingCount]).toEqual([0, 0]);
  });

  it("lets the next one in when the head of the queue leaves", async () => {
    const door = new Admission(10);
    const controller = new AbortController();
    door.tryEnter(6);
    const head = door.enter(9, controller.signal, hasRoom);
    const next = door.enter(4, undefined, hasRoom);

    controller.abort();

    expect(await Promise.all([head, next])).toEqual([false, true]);
    expect(door.heldBytes).toBe(10);
  });

  it("lets nobody in whose signal aborted, also where one signal is of many", async () => {
    const door = new Admission(10);
    const controller = new AbortController();
    door.tryEnter(6);
    const head = door.enter(9, controller.signal, hasRoom);
    const next = door.enter(4, controller.signal, hasRoom);

    controller.abort();

    expect(await Promise.all([head, next])).toEqual([false, false]);
    expect([door.heldBytes, door.waitingCount]).toEqual([6, 0]);
  });

  it("forgets who aborts, before or during the wait, and goes on with the next", async () => {
    const door = new Admission(10);
    const controller = new AbortController();
    door.tryEnter(10);
    const first = door.enter(10, controller.signal, hasRoom);
    const gone = door.enter(6, controller.signal, hasRoom);
    const last = door.enter(3, undefined, hasRoom);

    controller.abort();
    door.release(10);

    expect(await Promise.all([first, gone, last])).toEqual([false, false, true]);
    expect(door.heldBytes).toBe(3);
    expect(await door.enter(1, controller.signal, hasRoom)).toBe(false);
    expect(door.heldBytes).toBe(3);
  });

  it("skips a waiter in the middle that is gone", async () => {
    const door = new Admission(10);
    const controller = new AbortController();
    door.tryEnter(10);
    const first = door.enter(6, undefined, hasRoom);
    const gone = door.enter(6, controller.signal, hasRoom);
    const last = door.enter(4, undefined, hasRoom);

    controller.abort();
    door.release(10);

    expect(await Promise.all([first, gone, last])).toEqual([true, false, true]);
  });

  it("keeps nothing of those who left behind a head that stays", () => {
    const door = new Admission(10);
    door.tryEnter(10);
    void door.enter(10, undefined, hasRoom);
    for (let i = 0; i < 1000; i++) {
      const controller = new AbortController();
      void door.enter(1, controller.signal, hasRoom);
      controller.abort();
    }

    const { waiters } = door as unknown as { waiters: Set<unknown> };
    expect([waiters.size, door.waitingCount]).toEqual([1, 1]);
  });

  it("refuses everybody who waits, none of whom slips in meanwhile", async () => {
    const door = new Admission(10);
    door.tryEnter(6);
    const waiting = [door.enter(9, undefined, hasRoom), door.enter(4, undefined, hasRoom)];

    door.refuseWaiting(new Error("closed"));

    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([door.heldBytes, door.waitingCount]).toEqual([6, 0]);
    door.release(6);
    expect(door.heldBytes).toBe(0);
  });

  it("leaves no listener on a signal, whatever came of the wait", async () => {
    const listeners = new Set<unknown>();
    const controller = new AbortController();
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1]);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      remove(...args);
    };
    const door = new Admission(10);
    await door.enter(10, signal, hasRoom);
    const later = door.enter(10, signal, hasRoom);
    const refused = door.enter(1, signal, hasRoom);
    expect(listeners.size).toBe(2);

    door.release(10);
    expect(await later).toBe(true);
    expect(listeners.size).toBe(1);

    door.refuseWaiting(new Error("closed"));
    await expect(refused).rejects.toThrow("closed");
    expect(listeners.size).toBe(0);
  });

  it("calls in the turn in which the room is taken", () => {
    const door = new Admission(10);
    door.tryEnter(10);
    let isIn = false;
    void door.enter(1, undefined, () => {
      isIn = true;
    });

    door.release(10);

    expect(isIn).toBe(true);
  });

  it("lets one in after the other when each gives back as soon as it is inside", async () => {
    const door = new Admission(10);
    door.tryEnter(10);
    const order: number[] = [];
    // More than fit on a stack, if each were let in from within the one before.
    const all = Array.from({ length: 20_000 }, (_, i) =>
      door.enter(10, undefined, () => {
        order.push(i);
        door.release(10);
      }),
    );

    door.release(10);
    await Promise.all(all);

    expect(order).toEqual([...order.keys()]);
    expect([order.length, door.heldBytes, door.waitingCount]).toEqual([20_000, 0, 0]);
  });

  it("refuses also when one who was just let in closes the door", async () => {
    const door = new Admission(10);
    door.tryEnter(10);
    const closes = door.enter(4, undefined, () => door.refuseWaiting(new Error("closed")));
    const refused = door.enter(4, undefined, hasRoom);

    door.release(10);

    await closes;
    await expect(refused).rejects.toThrow("closed");
    expect([door.heldBytes, door.waitingCount]).toEqual([4, 0]);
  });

  it("has its room back when what happens inside throws", async () => {
    const door = new Admission(10);
    const fail = (): never => {
      throw new Error("no");
    };

    await expect(door.enter(10, undefined, fail)).rejects.toThrow("no");
    door.tryEnter(10);
    const later = door.enter(10, undefined, fail);
    const next = door.enter(10, undefined, hasRoom);
    door.release(10);
    await expect(later).rejects.toThrow("no");

    expect(await next).toBe(true);
    expect(door.heldBytes).toBe(10);
  });
});
