// Chance: repeatable from a seed, or from the system; always within its bounds.

import { describe, expect, it } from "vitest";
import { type Random, randomInteger, seededRandom, systemRandom } from "../src/random.js";

function numbers(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe("seeded chance", () => {
  it("repeats itself for a seed, and differs between seeds", () => {
    expect(numbers(seededRandom(7), 20)).toEqual(numbers(seededRandom(7), 20));
    expect(numbers(seededRandom(7), 20)).not.toEqual(numbers(seededRandom(8), 20));
    expect(seededRandom(0).bytes(16)).toEqual(seededRandom(0).bytes(16));
  });

  it("spreads evenly over its range", () => {
    const random = seededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const bucket = Math.floor(random.next() * 10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }

    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});

describe("system chance", () => {
  it("stays within [0, 1) and gives as many bytes as asked for", () => {
    expect(numbers(systemRandom, 1000).every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(numbers(systemRandom, 100)).size).toBe(100);
    expect(systemRandom.bytes(33)).toHaveLength(33);
  });
});

describe("a random integer", () => {
  it("reaches both of its bounds and nothing beyond", () => {
    const random = seededRandom(3);
    const seen = new Set(Array.from({ length: 500 }, () => randomInteger(random, -2, 2)));

    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect(randomInteger(random, 5, 5)).toBe(5);
  });
});
