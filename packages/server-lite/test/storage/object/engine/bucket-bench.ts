// An object engine over a simulated bucket whose time runs by itself: as fast as there is something
// to wait for.

import { type Random, seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import type { ObjectFailure } from "../../../../src/storage/object/client/object-store.js";
import type { ObjectStorageOptions } from "../../../../src/storage/object/engine/object-options.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import { openObjectStorage } from "../../../../src/storage/object/engine/open-object-storage.js";
import {
  type BucketOptions,
  CALM,
  type Sender,
  SimulatedBucket,
  type Weather,
} from "../double/simulated-bucket.js";

/** A process on the bucket. */
export class BenchNode implements Sender {
  isDead = false;
  pausedUntilMs = 0;
  cutUntilMs = 0;
  failure: ObjectFailure | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class BucketBench {
  readonly clock: SimulatedClock = createSimulatedClock();
  readonly bucket: SimulatedBucket;
  readonly random: Random;
  private isStopped = false;

  constructor(
    weather: Partial<Weather> = {},
    seed = 1,
    hooks: Pick<BucketOptions, "log" | "onDelete" | "onPut"> = {},
  ) {
    const { clock } = this;
    this.random = seededRandom(seed);
    this.bucket = new SimulatedBucket({
      clock,
      random: this.random,
      weather: { ...CALM, ...weather },
      ...hooks,
    });
    void this.run();
  }

  /** Opens the shard as a process that just started. */
  open(node: BenchNode, options: Partial<ObjectStorageOptions> = {}): Promise<ObjectStorage> {
    return openObjectStorage({
      store: this.bucket.clientOf(node),
      clock: this.clock,
      random: this.random,
      node: node.name,
      firstWaitMs: 2,
      maxWaitMs: 50,
      lingerMs: 5,
      openState: () => openMemoryStateStore(new MemoryStateMedium()),
      ...options,
    });
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.clock.fireNext();
    }
  }
}
