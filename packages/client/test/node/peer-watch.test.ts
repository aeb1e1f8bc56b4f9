// The watch over a peer on its own: when it asks, when it gives up, and that it leaves no timer behind.

import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { PeerWatch } from "../../src/node/peer-watch.js";

interface World {
  readonly clock: SimulatedClock;
  readonly watch: PeerWatch;
  /** What was done: `ping` for each that was sent, `silent` at the end. */
  readonly said: string[];
  readonly answer: (isAlive: boolean) => void;
  isInUse: boolean;
  canSend: boolean;
}

function world(): World {
  const clock = createSimulatedClock();
  let onAnswer: ((isAlive: boolean) => void) | undefined;
  const made: World = {
    clock,
    said: [],
    isInUse: true,
    canSend: true,
    answer: (isAlive) => onAnswer?.(isAlive),
    watch: new PeerWatch({
      clock,
      isInUse: () => made.isInUse,
      ping: (callback) => {
        onAnswer = callback;
        if (made.canSend) made.said.push("ping");
        return made.canSend;
      },
      onSilent: () => void made.said.push("silent"),
    }),
  };
  made.watch.noteRead();
  return made;
}

describe("the watch over a peer", () => {
  it("asks after half a minute without a byte, and gives up without an answer", () => {
    const { clock, watch, said } = world();
    watch.watch();
    clock.advance(29_999);
    expect(said).toEqual([]);
    clock.advance(1);
    expect(said).toEqual(["ping"]);
    clock.advance(14_999);
    expect(said).toEqual(["ping"]);
    clock.advance(1);
    expect(said).toEqual(["ping", "silent"]);
  });

  it("asks nothing of a peer that sends", () => {
    const { clock, watch, said } = world();
    watch.watch();
    for (let i = 0; i < 20; i++) {
      clock.advance(10_000);
      watch.noteRead();
    }
    expect(said).toEqual([]);
  });

  it("goes on watching a peer that answers, with one timer at a time", () => {
    const { clock, watch, said, answer } = world();
    watch.watch();
    for (let i = 0; i < 3; i++) {
      clock.advance(30_000);
      answer(true);
      watch.watch();
      expect(clock.liveTimers).toHaveLength(1);
    }
    expect(said).toEqual(["ping", "ping", "ping"]);
  });

  it("asks again when nothing could be sent", () => {
    const made = world();
    made.canSend = false;
    made.watch.watch();
    made.clock.advance(30_000);
    expect(made.said).toEqual([]);
    made.canSend = true;
    made.clock.advance(1000);
    expect(made.said).toEqual(["ping"]);
  });

  it("rests while no stream depends on the peer, though a ping that is out still decides", () => {
    const made = world();
    made.watch.watch();
    made.watch.rest();
    expect(made.clock.liveTimers).toHaveLength(0);
    made.watch.watch();
    made.clock.advance(30_000);
    made.isInUse = false;
    made.watch.rest();
    made.clock.advance(15_000);
    expect(made.said).toEqual(["ping", "silent"]);
  });

  it("does not watch on after an answer that nobody waits for any more", () => {
    const made = world();
    made.watch.watch();
    made.clock.advance(30_000);
    made.isInUse = false;
    made.answer(true);
    expect(made.clock.liveTimers).toHaveLength(0);
  });

  it.each([0, 30_000])("ends for good after %i ms, without a timer", (millis) => {
    const { clock, watch, said, answer } = world();
    watch.watch();
    clock.advance(millis);
    watch.end();
    answer(false);
    watch.watch();
    expect(clock.liveTimers).toHaveLength(0);
    clock.advance(60_000);
    expect(said).not.toContain("silent");
  });
});
