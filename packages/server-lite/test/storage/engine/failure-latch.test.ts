// The latch between parts that fail and an engine that is not there yet.

import { S2Error } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { FailureLatch } from "../../../src/storage/disk/engine/failure-latch.js";

describe("the failure latch", () => {
  it("keeps the first cause, and tells it once to who watched before and who comes late", () => {
    const latch = new FailureLatch();
    latch.throwIfTripped();
    const first = new S2Error({ code: "storage", message: "the lock is gone" });
    const heard: [string, S2Error][] = [];
    latch.watch((reason) => heard.push(["early", reason]));
    latch.trip(first);
    latch.trip(new Error("the write was refused"));
    latch.watch((reason) => heard.push(["late", reason]));
    expect(heard.map(([who, reason]) => [who, reason === first])).toEqual([
      ["early", true],
      ["late", true],
    ]);
    expect(() => latch.throwIfTripped()).toThrow(first);
  });

  it("gives what is no coded error the code of the store, and keeps it as the cause", () => {
    const latch = new FailureLatch();
    const cause = new Error("EIO");
    latch.trip(cause);
    latch.watch((reason) => expect(reason).toMatchObject({ code: "storage", cause }));
    expect.assertions(1);
  });
});
