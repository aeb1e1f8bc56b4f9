// Many writers for the same keys over sockets that lose, delay, tear and refuse: whoever is told that
// it won has won, and nobody else is.

import { randomInteger, seededRandom, systemClock } from "@s2kit/core";
import { expect, it } from "vitest";
import { SteadyStore } from "../../../../src/storage/object/client/steady/steady-store.js";
import type { Fault } from "../../../support/bucket-double/faults.js";
import { bytesOf, openHarness, textOf } from "./bucket-harness.js";

const KEYS = 40;
const WRITERS = 3;

const FAULTS: readonly Fault[] = [
  { kind: "cut", hasEffect: false },
  { kind: "cut", hasEffect: true },
  { kind: "cut", hasEffect: true },
  { kind: "hang", hasEffect: true },
  { kind: "hang", hasEffect: false },
  { kind: "torn" },
  { kind: "slow", effectMs: 30, answerMs: 0 },
  { kind: "slow", effectMs: 600, answerMs: 0 },
  { kind: "slow", effectMs: 0, answerMs: 600 },
  { kind: "refused", status: 409, code: "ConditionalRequestConflict" },
  { kind: "refused", status: 500 },
  { kind: "refused", status: 503, code: "SlowDown" },
  { kind: "stranger", status: 502, body: "<html>bad gateway</html>" },
  { kind: "stranger", status: 200, body: "" },
];

it.each([1, 2, 3])(
  "a bad network lets nobody win wrongly, seed %i",
  { timeout: 60_000 },
  async (seed) => {
    await using harness = await openHarness({ client: { attemptMs: 400 } });
    const { double } = harness;
    const random = seededRandom(seed);
    double.plan = () =>
      random.next() < 0.3 ? FAULTS[randomInteger(random, 0, FAULTS.length - 1)] : undefined;
    const components = { clock: systemClock, random: seededRandom(seed) };
    const stores = Array.from({ length: WRITERS }, () =>
      SteadyStore.over(harness.store, { maxPuts: 4 }, components),
    );
    const claims = Array.from({ length: KEYS }, (_, key) =>
      Promise.all(
        stores.map((store, writer) => store.putIfAbsent(`${key}`, [bytesOf(`writer ${writer}`)])),
      ),
    );
    await Promise.all(claims);
    double.plan = () => undefined;
    for (const [key, claim] of claims.entries()) {
      const outcomes = await claim;
      const winners = outcomes.flatMap(({ kind }, writer) => (kind === "stored" ? [writer] : []));
      const kept = textOf(await stores[0]?.get(`${key}`));
      expect(winners.length).toBeLessThanOrEqual(1);
      // None was told: then the one who stored it lost the answer, and found its own object.
      if (winners.length === 1) expect(kept).toBe(`writer ${winners[0]}`);
      else expect(kept).toMatch(/^writer [012]$/);
    }
  },
);
