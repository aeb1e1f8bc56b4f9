// One lease for all shards of a process: what is left of a shard that was lost must not stay with it.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { expect, it } from "vitest";
import type { OpenedShard } from "../../../../src/storage/object/claim/claim.js";
import { Patience } from "../../../../src/storage/object/claim/patience.js";
import { ShardBucket } from "../../../../src/storage/object/claim/shard-bucket.js";
import { LeasedOwnership } from "../../../../src/storage/object/engine/shard-ownership.js";
import { SharedLease } from "../../../../src/storage/object/engine/shared-lease.js";
import { NodeLease } from "../../../../src/storage/object/lease/node-lease.js";
import { CALM, SimulatedBucket } from "../double/simulated-bucket.js";

it("holds nothing of a shard that was lost, or closed, while others are served", async () => {
  const clock = createSimulatedClock();
  const random = seededRandom(1);
  const simulated = new SimulatedBucket({ clock, random, weather: CALM });
  const sender = { isDead: false, pausedUntilMs: 0, cutUntilMs: 0, failure: undefined };
  const store = simulated.clientOf({ name: "a", ...sender });
  const patience = new Patience({ clock, random, firstWaitMs: 1, maxWaitMs: 1 });
  const owner = { node: "a", incarnation: "0".repeat(32) };
  const kept = { store, storeKey: 1, patience, clock, owner, url: "", leaseMs: 4000 };
  const node = new NodeLease({ ...kept, content: () => ({ state: "up", shards: [0, 1, 2] }) });
  let watching = 0;
  const onRenewed = node.onRenewed.bind(node);
  node.onRenewed = (listener) => {
    watching++;
    const end = onRenewed(listener);
    let isOver = false;
    return () => {
      if (!isOver) watching--;
      isOver = true;
      end();
    };
  };
  const lease = new SharedLease(node, () => undefined);
  const owned = [0, 1, 2].map((shard) => {
    const bucket = new ShardBucket(store, shard, 1, patience);
    const opened = { epoch: 1 } as OpenedShard;
    const ownership = new LeasedOwnership({ bucket, clock, opened, lease, generation: 1 });
    ownership.watch(() => undefined);
    return ownership;
  });
  lease.opened();
  expect(watching).toBe(3);
  owned[1]?.lost();
  expect(watching).toBe(2);
  await owned[1]?.ended(0);
  await owned[2]?.ended(0);
  expect(watching).toBe(1);
});
