// After every test (see `setup`) its producers close, and nothing of them is open then: no timer,
// no listener, no byte of admission.

import { startLedger } from "@s2kit/client/testing";
import type { SimulatedClock } from "@s2kit/core/testing";
import { expect } from "vitest";
import type { Producer } from "../src/index.js";
import { type FakeSession, turn } from "./fake-session.js";

const ledger = startLedger();
const open: { readonly producer: Producer; readonly session: FakeSession }[] = [];

export async function closeAll(): Promise<void> {
  for (const { producer, session } of open.splice(0)) await closed(producer, session);
  const left = ledger.open();
  ledger.reset();
  expect(left).toEqual({});
}

/** A producer that is closed after the test, with everything acknowledged. */
export function closing(producer: Producer, session: FakeSession): Producer {
  open.push({ producer, session });
  return producer;
}

/** A clock whose timers count as open. */
export function watched(clock: SimulatedClock): SimulatedClock {
  ledger.watchClock(clock);
  return clock;
}

async function closed(producer: Producer, session: FakeSession): Promise<void> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  producer.close().then(over, over);
  while (!isOver) {
    await turn();
    session.ackAll();
  }
}
