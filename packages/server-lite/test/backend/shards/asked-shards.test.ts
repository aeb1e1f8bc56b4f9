// What an answer of several shards waits for: a change of the account that does not get everywhere in time is
// told of after one wait, not after two.

import { expect, it } from "vitest";
import type { Shard } from "../../../src/backend/shard.js";
import { SeveralAsked } from "../../../src/backend/shards/asked-shards.js";

it("waits once for a change that does not get everywhere, and then tells so", async () => {
  const first = { catalog: { barrier: () => undefined } } as unknown as Shard;
  let waits = 0;
  const asked = new SeveralAsked({ all: [first], first, of: () => first }, () => {
    waits++;
    return Promise.reject(new Error("too long"));
  });
  asked.noteChange();
  await expect(asked.barrier()).rejects.toThrow("too long");
  // As for the failure that the answer is then.
  expect(asked.barrier()).toBeUndefined();
  expect(waits).toBe(1);
});
