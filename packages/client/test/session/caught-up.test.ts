// The caught-up tracker on its own: boundaries, reconnects and ends. Spec: sdk#caught-up.

import { S2Error } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import {
  type CaughtUpBoundary,
  CaughtUpTracker,
} from "../../src/session/read/caught-up-tracker.js";

const at = (seqNum: number): { seqNum: number; timestamp: number } => ({ seqNum, timestamp: 0 });

describe("the caught-up tracker", () => {
  it("makes a boundary only where a batch reaches its tail", () => {
    const tracker = new CaughtUpTracker();
    expect(tracker.observe({ records: [at(0)] })).toBeUndefined();
    expect(tracker.observe({ records: [at(0)], tail: at(5) })).toBeUndefined();
    expect(tracker.observe({ records: [at(4)], tail: at(5) })).toBeDefined();
    expect(tracker.observe({ records: [], tail: at(5) })).toBeDefined();
  });

  it("ignores an older boundary that is delivered after a newer batch came", () => {
    const tracker = new CaughtUpTracker();
    const old = tracker.observe({ records: [at(0)], tail: at(1) }) as CaughtUpBoundary;
    tracker.observe({ records: [at(1)] });
    expect(tracker.deliver(old)).toBe(false);
    expect(tracker.isCaughtUp).toBe(false);
  });

  it("keeps waiters across a reconnect and gives them the next tail", async () => {
    const tracker = new CaughtUpTracker();
    const waiting = tracker.caughtUp();
    tracker.reconnect();
    const boundary = tracker.observe({ records: [], tail: at(3) }) as CaughtUpBoundary;
    tracker.deliver(boundary);
    expect(await waiting).toEqual(at(3));
    expect(await tracker.caughtUp()).toEqual(at(3));
    tracker.reconnect();
    expect(tracker.isCaughtUp).toBe(false);
  });

  it("keeps what was reached at a clean end, and clears it at an error", async () => {
    const clean = new CaughtUpTracker();
    clean.deliver(clean.observe({ records: [], tail: at(3) }) as CaughtUpBoundary);
    clean.end();
    expect(await clean.caughtUp()).toEqual(at(3));
    const failed = new CaughtUpTracker();
    const waiting = failed.caughtUp();
    const error = new S2Error({ code: "storage", message: "" });
    failed.end(error);
    await expect(waiting).rejects.toBe(error);
    await expect(failed.caughtUp()).rejects.toBe(error);
  });

  it("lets a waiter leave by its signal", async () => {
    const tracker = new CaughtUpTracker();
    const controller = new AbortController();
    const waiting = tracker.caughtUp(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  });
});
