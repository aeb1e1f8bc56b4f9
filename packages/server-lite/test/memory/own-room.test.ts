// Whoever asks for room when there is none makes the longest stalled give way, and may be that one: it
// ends within its own call, and whatever it was to get then must not be counted for it.

import { createFrameDecoder, encodeMessageFrame, type FrameCodec, type S2Error } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { beforeEach, expect, test } from "vitest";
import { BodyGuard, type HeldBody } from "../../src/exchange/body-guard.js";
import { MemoryBudget, STALLED_MS } from "../../src/memory/memory-budget.js";
import { type AppendSession, createAppendSession } from "../../src/session/append-session.js";
import { nodeFrameCodec } from "../../src/session/frame-codec.js";

const MIB = 1024 * 1024;
/** As much as one DATA frame of HTTP/2 brings. */
const CHUNK = new Uint8Array(16_384);

let clock: SimulatedClock;
let budget: MemoryBudget;
let guard: BodyGuard;
beforeEach(() => {
  clock = createSimulatedClock(0);
  budget = new MemoryBudget(clock, 2 * MIB);
  guard = new BodyGuard(clock, budget, 60_000);
});

/** What others hold: all of the room that comes in, but for what is held already. */
function fillUp(): Disposable {
  const bytes = 1 * MIB - budget.heldBytes;
  budget.take("windows", bytes);
  return { [Symbol.dispose]: () => budget.give("windows", bytes) };
}

function openSession(codec: FrameCodec = nodeFrameCodec) {
  const written: Uint8Array[] = [];
  const session: AppendSession = createAppendSession({
    channel: {
      pause: () => true,
      resume: () => undefined,
      write: (parts) => written.push(...parts) > 0,
      whenWritable: () => Promise.resolve(),
      end: () => undefined,
    },
    codec,
    submit: () => true,
    isAdvising: false,
    guard,
    onOver: () => undefined,
    onUnexpected: () => undefined,
    onFailed: () => undefined,
  });
  const errors = (): readonly string[] => {
    const decoder = createFrameDecoder();
    decoder.push(Buffer.concat(written));
    const codes: string[] = [];
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
      if (frame.kind === "terminal") codes.push((JSON.parse(frame.json) as { code: string }).code);
    return codes;
  };
  return { session, errors };
}

test("a session whose next chunk needs the room that it has itself holds nothing afterwards", async () => {
  const { session, errors } = openSession();
  const frame = encodeMessageFrame(new Uint8Array(900_000));
  session.chunk(frame.slice(0, 500_000));
  await clock.advanceAsync(STALLED_MS);
  {
    using _others = fillUp();
    session.chunk(CHUNK.slice());
    expect(errors()).toEqual(["hot_server"]);
    expect(budget.heldBy("frames")).toBe(0);
  }
  session.chunk(CHUNK.slice());
  expect(budget.heldBytes).toBe(0);
});

test("a session whose inflated message needs the room that it has itself holds nothing afterwards", async () => {
  let inflate: (plain: Uint8Array) => void = () => undefined;
  const plain = new Promise<Uint8Array>((resolve) => {
    inflate = resolve;
  });
  const { session, errors } = openSession({ ...nodeFrameCodec, decompress: () => plain });
  const frame = encodeMessageFrame(new Uint8Array(700_000), { compression: "gzip" });
  session.chunk(frame);
  await clock.advanceAsync(STALLED_MS);
  using _others = fillUp();
  inflate(new Uint8Array(300_000));
  await clock.advanceAsync(0);
  expect(errors()).toEqual(["hot_server"]);
  expect(budget.heldBy("frames")).toBe(0);
});

test("a body whose next part needs the room that it has itself is refused once, and holds nothing", async () => {
  const codes: string[] = [];
  const body: HeldBody = guard.open("bodies", (error: S2Error) => {
    codes.push(error.code);
    body.release();
  });
  expect(body.hold(500_000)).toBe(true);
  await clock.advanceAsync(STALLED_MS);
  using _others = fillUp();
  expect(body.hold(CHUNK.length)).toBe(false);
  expect([codes, budget.heldBy("bodies")]).toEqual([["hot_server"], 0]);
});
