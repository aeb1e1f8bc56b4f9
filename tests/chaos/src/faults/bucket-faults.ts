// What happens to the bucket that the server keeps everything in: it refuses all requests for a while, takes them and does
// not answer, or takes its time. Shorter than what ends a server; appends come late, and reads may be refused.

import type { BucketFault } from "@s2kit/bucket";
import type { Random } from "@s2kit/core";
import { randomInteger } from "@s2kit/core";
import { type Fault, lasting } from "./fault.ts";

function suffering(
  name: string,
  weight: number,
  lastsMs: readonly [least: number, most: number],
  draw: (random: Random) => BucketFault,
): Fault {
  return {
    name,
    track: "network",
    weight,
    lacks: ({ store }) => (store.bucket === undefined ? "--storage bucket" : undefined),
    async strike(world, random) {
      const { bucket } = world.store;
      if (bucket === undefined) return;
      await bucket.plan(draw(random));
      try {
        await lasting(world, random, ...lastsMs);
      } finally {
        await bucket.plan(null);
      }
      // One that started meanwhile tries again.
      await world.keeper.whenUp();
    },
  };
}

export const BUCKET_FAULTS: readonly Fault[] = [
  // Some are longer than the lease, and than the patience of a client.
  suffering("bucket-outage", 2, [200, 8000], () => ({ kind: "refused", status: 503 })),
  suffering("bucket-silence", 1, [200, 4000], (random) => ({
    kind: "hang",
    hasEffect: random.next() < 0.5,
  })),
  suffering("bucket-slow", 2, [1000, 6000], (random) => ({
    kind: "slow",
    effectMs: randomInteger(random, 0, 300),
    answerMs: randomInteger(random, 0, 300),
  })),
];
