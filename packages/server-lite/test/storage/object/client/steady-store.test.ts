import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  type ObjectFailure,
  ObjectStoreError,
} from "../../../../src/storage/object/client/object-store.js";
import type {
  AttemptFact,
  RetryFact,
} from "../../../../src/storage/object/client/steady/steady-hooks.js";
import {
  type SteadySettings,
  SteadyStore,
} from "../../../../src/storage/object/client/steady/steady-store.js";
import { bytesOf } from "./bucket-harness.js";
import { ScriptedStore } from "./scripted-store.js";

interface Steady {
  readonly clock: SimulatedClock;
  readonly inner: ScriptedStore;
  readonly store: SteadyStore;
  readonly attempts: AttemptFact[];
  readonly retries: RetryFact[];
}

function open(settings: SteadySettings = {}): Steady {
  const clock = createSimulatedClock();
  const inner = new ScriptedStore();
  const attempts: AttemptFact[] = [];
  const retries: RetryFact[] = [];
  const hooks = {
    attempted: (fact: AttemptFact) => void attempts.push(fact),
    retrying: (fact: RetryFact) => void retries.push(fact),
  };
  const store = SteadyStore.over(inner, settings, { clock, random: seededRandom(1), hooks });
  return { clock, inner, store, attempts, retries };
}

const failed = (failure: ObjectFailure): ObjectStoreError =>
  new ObjectStoreError(failure, `it was ${failure}`);
const STORED = { kind: "stored" };

/** The promise's end, noted without waiting for it. */
function watched<T>(promise: Promise<T>): { value?: T; error?: ObjectStoreError } {
  const end: { value?: T; error?: ObjectStoreError } = {};
  promise.then(
    (value) => void (end.value = value),
    (error: ObjectStoreError) => void (end.error = error),
  );
  return end;
}

describe("a steady store", () => {
  it("sends the same bytes again until there is an answer", async () => {
    const { clock, inner, store, attempts, retries } = open();
    const parts = [bytesOf("a"), bytesOf("b")];
    const end = watched(store.putIfAbsent("k", parts));
    for (const failure of ["unknown", "busy", "denied", "clock"] as const) {
      await clock.advanceAsync(0);
      inner.last.fail(failed(failure));
      await clock.advanceAsync(2000);
    }
    expect(inner.requests).toHaveLength(5);
    expect(inner.requests.every((request) => request.parts === parts)).toBe(true);
    inner.last.answer(STORED);
    await clock.advanceAsync(0);
    expect(end.value).toEqual(STORED);
    expect(attempts.map(({ failure }) => failure)).toEqual([
      "unknown",
      "busy",
      "denied",
      "clock",
      undefined,
    ]);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(attempts.at(-1)).toMatchObject({
      operation: "put",
      attempt: 5,
      bytes: 2,
      isHedge: false,
    });
    expect(clock.liveTimers).toEqual([]);
  });

  it.each(["rejected", "noBucket"] as const)(
    "gives up at once what is in vain: %s",
    async (failure) => {
      const { clock, inner, store } = open();
      const end = watched(store.get("k"));
      await clock.advanceAsync(0);
      inner.last.fail(failed(failure));
      await clock.advanceAsync(0);
      expect(end.error).toMatchObject({ failure, message: `it was ${failure}` });
    },
  );

  it("says that the outcome is unknown when an earlier attempt may have had its effect", async () => {
    const { clock, inner, store } = open();
    const end = watched(store.putIfAbsent("k", []));
    await clock.advanceAsync(0);
    inner.last.fail(failed("unknown"));
    await clock.advanceAsync(50);
    inner.last.fail(failed("rejected"));
    await clock.advanceAsync(0);
    expect(end.error?.failure).toBe("unknown");
    expect(end.error?.message).toMatch(/^given up after 2 attempts in 0\.\d s: it was rejected$/);
  });

  it("keeps trying through an outage, and gives up at its deadline", async () => {
    const { clock, inner, store } = open();
    const end = watched(store.within(30_000).putIfAbsent("k", []));
    for (let second = 0; second < 29; second++) {
      await clock.advanceAsync(1000);
      inner.last.fail(failed("unknown"));
    }
    expect(end).toEqual({});
    await clock.advanceAsync(3000);
    expect(end.error?.failure).toBe("unknown");
    expect(inner.requests.length).toBeGreaterThan(15);
    expect(inner.requests.length).toBeLessThan(25);
    expect(clock.liveTimers).toEqual([]);
  });

  it("ends what hangs at the deadline, and lets go of its bytes", async () => {
    const { clock, inner, store } = open();
    const end = watched(store.within(10_000).putIfAbsent("k", []));
    await clock.advanceAsync(10_000);
    expect(end.error?.failure).toBe("unknown");
    expect(inner.requests.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
  });

  it("ends when its caller says so, under way and in a wait", async () => {
    for (const isWaiting of [false, true]) {
      const { clock, inner, store } = open();
      const caller = new AbortController();
      const end = watched(store.putIfAbsent("k", [], caller.signal));
      await clock.advanceAsync(0);
      if (isWaiting) inner.last.fail(failed("busy"));
      await clock.advanceAsync(1);
      caller.abort();
      await clock.advanceAsync(0);
      expect(end.error?.failure).toBe(isWaiting ? "busy" : "unknown");
      expect(clock.liveTimers).toEqual([]);
    }
  });

  it("sends a lease once: what is repeated may land behind a later one", async () => {
    const { clock, inner, store } = open();
    const end = watched(store.overwrite("k", []));
    await clock.advanceAsync(5000);
    expect(inner.requests).toHaveLength(1);
    inner.last.fail(failed("unknown"));
    await clock.advanceAsync(5000);
    expect(end.error?.message).toBe("it was unknown");
    expect(inner.requests).toHaveLength(1);
  });

  it("repeats reads, listings and removals, and hedges none of them", async () => {
    const { clock, inner, store } = open();
    const asked: Promise<unknown>[] = [
      store.get("k"),
      store.exists("k"),
      store.list("k"),
      store.delete(["k"]),
    ];
    const ends = asked.map((each) => watched(each));
    await clock.advanceAsync(20_000);
    expect(inner.requests).toHaveLength(4);
    for (const request of inner.requests.slice()) request.fail(failed("unknown"));
    await clock.advanceAsync(100);
    expect(inner.requests).toHaveLength(8);
    for (const request of inner.requests.slice(4)) request.answer(request.operation);
    await clock.advanceAsync(0);
    expect(ends.map(({ value }) => value)).toEqual(["get", "exists", "list", "delete"]);
  });
});

describe("a hedged PUT", () => {
  it("is sent a second time when the first has no answer, and takes whichever comes", async () => {
    for (const winner of [0, 1]) {
      const { clock, inner, store, attempts } = open();
      const parts = [bytesOf("a")];
      const end = watched(store.putIfAbsent("k", parts));
      await clock.advanceAsync(1999);
      expect(inner.requests).toHaveLength(1);
      await clock.advanceAsync(1);
      expect(inner.requests).toHaveLength(2);
      expect(inner.last.parts).toBe(parts);
      inner.requests[winner]?.answer(STORED);
      await clock.advanceAsync(0);
      expect(end.value).toEqual(STORED);
      // The other one is ended: it must not look at the caller's bytes any more.
      expect(inner.requests[1 - winner]?.signal?.aborted).toBe(true);
      expect(attempts.map(({ isHedge, failure }) => [isHedge, failure])).toEqual([
        [winner === 1, undefined],
        [winner === 0, "unknown"],
      ]);
      expect(clock.liveTimers).toEqual([]);
    }
  });

  it("fails when both have failed, and not before", async () => {
    const { clock, inner, store } = open();
    const end = watched(store.putIfAbsent("k", []));
    await clock.advanceAsync(2000);
    inner.requests[0]?.fail(failed("rejected"));
    await clock.advanceAsync(0);
    expect(end).toEqual({});
    inner.requests[1]?.fail(failed("rejected"));
    await clock.advanceAsync(0);
    expect(end.error?.failure).toBe("rejected");
  });

  it("needs room of its own", async () => {
    const { clock, inner, store } = open({ maxPuts: 2 });
    const ends = ["a", "b", "c"].map((key) => watched(store.putIfAbsent(key, [])));
    await clock.advanceAsync(5000);
    expect(inner.requests.map(({ key }) => key)).toEqual(["a", "b"]);
    for (const request of inner.requests.slice()) request.answer(STORED);
    await clock.advanceAsync(0);
    expect(inner.requests.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    await clock.advanceAsync(2000);
    expect(inner.requests.map(({ key }) => key)).toEqual(["a", "b", "c", "c"]);
    inner.last.answer(STORED);
    await clock.advanceAsync(0);
    expect(ends.map(({ value }) => value)).toEqual([STORED, STORED, STORED]);
    // All room is free again.
    for (const key of ["d", "e"]) void store.putIfAbsent(key, []).catch(() => undefined);
    await clock.advanceAsync(0);
    expect(inner.requests).toHaveLength(6);
  });

  it("comes sooner where answers are known to be quick", async () => {
    const { clock, inner, store } = open();
    for (let i = 0; i < 64; i++) {
      const end = watched(store.putIfAbsent(`${i}`, []));
      await clock.advanceAsync(30);
      inner.last.answer(STORED);
      await clock.advanceAsync(0);
      expect(end.value).toEqual(STORED);
    }
    expect(store.putP99Ms).toBe(30);
    void watched(store.putIfAbsent("k", []));
    await clock.advanceAsync(499);
    expect(inner.requests).toHaveLength(65);
    await clock.advanceAsync(1);
    expect(inner.requests).toHaveLength(66);
  });
});

describe("room for requests", () => {
  it("is bounded by kind, and those who wait keep their order and their deadline", async () => {
    const { clock, inner, store } = open({ maxGets: 1, deadlineMs: 1000 });
    const ends = ["a", "b"].map((key) => watched(store.get(key)));
    void watched(store.exists("x"));
    await clock.advanceAsync(999);
    expect(inner.requests.map(({ key }) => key)).toEqual(["a", "x"]);
    const none = { inFlight: 0, waiting: 0 };
    const one = { inFlight: 1, waiting: 0 };
    expect(store.load).toEqual({ puts: none, gets: { inFlight: 1, waiting: 1 }, others: one });
    await clock.advanceAsync(1);
    expect(store.load).toEqual({ puts: none, gets: none, others: none });
    expect(ends[0]?.error?.message).toBe("get a was given up");
    expect(ends[1]?.error).toMatchObject({ failure: "unknown" });
  });
});
