// One process of a history: a real lease, real claims, engines and a steward over them, on a clock of
// its own, which may run fast or slow. It stands still, is cut off and dies as the history says. What
// it serves, it writes to and reads from.

import { type Clock, type Random, randomInteger, sleep } from "@s2kit/core";
import type { SimulatedClock } from "@s2kit/core/testing";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../src/storage/disk/state/memory-state-store.js";
import type { ObjectStorage } from "../../../../src/storage/object/engine/object-storage.js";
import {
  openSharedStore,
  type SharedStore,
} from "../../../../src/storage/object/engine/open-shared-store.js";
import { Steward } from "../../../../src/storage/object/stewardship/steward.js";
import type { StewardshipRules } from "../../../../src/storage/object/stewardship/stewardship.js";
import { NodeClock } from "../claim/history/node-clock.js";
import type { Sender, SimulatedBucket } from "../double/simulated-bucket.js";
import type { StewardOracle } from "./steward-oracle.js";

export interface World {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly bucket: SimulatedBucket;
  readonly oracle: StewardOracle;
  readonly shards: number;
  readonly rules?: StewardshipRules | undefined;
  log(line: string): void;
}

const WRITE_MS = 400;

export class HistoryNode implements Sender {
  isDead = false;
  pausedUntilMs = 0;
  cutUntilMs = 0;
  answerLagMs = 0;
  readonly name: string;
  readonly clock: Clock;
  readonly served: Map<number, ObjectStorage> = new Map();
  steward: Steward | undefined = undefined;
  store: SharedStore | undefined = undefined;
  private readonly world: World;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    // Rates differ by less than the quarter that leases bear.
    this.clock = new NodeClock(world.clock, 0.92 + 0.16 * world.random.next(), this);
  }

  /** It runs, and what it thinks counts. */
  get isAwake(): boolean {
    return !this.isDead && this.pausedUntilMs <= this.world.clock.monotonic();
  }

  async start(): Promise<void> {
    const { world, clock } = this;
    const client = world.bucket.clientOf(this);
    const store = await openSharedStore({
      store: client,
      leaseStore: client,
      clock,
      random: world.random,
      node: this.name,
      shards: world.shards,
      firstWaitMs: 5,
      maxWaitMs: 200,
      lingerMs: 5,
      url: `http://${this.name}`,
      openState: () => openMemoryStateStore(new MemoryStateMedium()),
      serving: () => ({ isDraining: false, shards: this.steward?.serving ?? [] }),
    });
    this.store = store;
    this.steward = new Steward({
      clock,
      membership: store.membership,
      shards: store.shards,
      take: (shard, signal) => store.take(shard, signal),
      giveUp: () => store.giveUp(),
      host: {
        serve: async (shard, storage, onFailed) => this.serve(shard, storage, onFailed),
        leave: async (shard) => {
          world.log(`${this.name} leaves ${shard}`);
          this.served.delete(shard);
        },
      },
      ...(world.rules === undefined ? {} : { rules: world.rules }),
      onError: (error, shard) => world.log(`${this.name} failed ${shard}: ${String(error)}`),
    });
    this.steward.start();
  }

  async stop(): Promise<void> {
    await this.steward?.stop();
    await this.store?.close();
  }

  private serve(shard: number, storage: ObjectStorage, onFailed: () => void): void {
    const { world } = this;
    world.log(`${this.name} serves ${shard} in epoch ${storage.ownerEpoch}`);
    world.oracle.opened(shard, storage);
    this.served.set(shard, storage);
    const unsubscribe = storage.onDurable(() => {
      if (storage.status === "open") return;
      unsubscribe();
      world.log(`${this.name} lost ${shard}: ${storage.status}`);
      onFailed();
    });
    void this.use(shard, storage);
  }

  /** Writes, and reads what is there, for as long as it may. */
  private async use(shard: number, storage: ObjectStorage): Promise<void> {
    const { world, clock } = this;
    // Who writes soon finds out that it is an owner no more. Who does not has its lease alone.
    const isWriting = world.random.next() < 0.7;
    while (storage.status === "open" && this.served.get(shard) === storage) {
      this.read(shard, storage);
      if (isWriting && world.random.next() < 0.5) void this.write(shard, storage);
      await sleep(clock, randomInteger(world.random, 1, WRITE_MS));
    }
  }

  private async write(shard: number, storage: ObjectStorage): Promise<void> {
    const key = this.world.oracle.nextKey();
    try {
      const { position } = storage.commit([
        { kind: "put", key: Buffer.from(key), value: new Uint8Array(1) },
      ]);
      await storage.whenDurable(position);
      if (!this.isDead) this.world.oracle.acknowledged(shard, key);
    } catch {
      // Nobody was told that it is there.
    }
  }

  private read(shard: number, storage: ObjectStorage): void {
    if (this.isAwake && storage.isFresh) this.world.oracle.read(shard, storage, this.name);
  }
}
