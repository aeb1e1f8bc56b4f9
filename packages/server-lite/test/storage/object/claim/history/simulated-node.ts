// A process of the simulation: it keeps a lease, watches those of others, claims the shard when it
// may, serves and reads. It stands still, is cut off from the bucket, and dies.

import { sleep } from "@s2kit/core";
import { claimShard, STRICT_CLAIM } from "../../../../../src/storage/object/claim/claim.js";
import { type Decision, decide } from "../../../../../src/storage/object/claim/decision.js";
import { putFence } from "../../../../../src/storage/object/claim/manifest-chain.js";
import { Patience } from "../../../../../src/storage/object/claim/patience.js";
import { ShardBucket } from "../../../../../src/storage/object/claim/shard-bucket.js";
import { StuckClaims } from "../../../../../src/storage/object/claim/stuck-claims.js";
import type { Owner } from "../../../../../src/storage/object/format/manifest-entry.js";
import { LeaseKeeper, momentOf } from "../../../../../src/storage/object/lease/lease-keeper.js";
import { listLeases, seqsOf } from "../../../../../src/storage/object/lease/lease-listing.js";
import { leaseRules } from "../../../../../src/storage/object/lease/lease-rules.js";
import { OwnLease } from "../../../../../src/storage/object/lease/own-lease.js";
import { SilenceWatch } from "../../../../../src/storage/object/lease/silence-watch.js";
import {
  mayClaim,
  type Silences,
  STRICT_TAKEOVER,
} from "../../../../../src/storage/object/lease/takeover.js";
import type { Sender } from "../../double/simulated-bucket.js";
import { hexOf } from "./hex-of.js";
import type { History } from "./history.js";
import { NodeClock } from "./node-clock.js";
import { ServedShard } from "./served-shard.js";
import { ShardState } from "./shard-state.js";
import { decodeSmallGroup } from "./small-group.js";

export class SimulatedNode implements Sender {
  isDead = false;
  pausedUntilMs = 0;
  cutUntilMs = 0;
  readonly world: History;
  readonly name: string;
  readonly owner: Owner;
  readonly clock: NodeClock;
  readonly bucket: ShardBucket;
  readonly lease: OwnLease;
  served: ServedShard | undefined;
  private readonly watch: SilenceWatch;
  private readonly keeper: LeaseKeeper;
  private readonly stuck: StuckClaims;
  private isClaiming = false;

  constructor(world: History, id: number) {
    const { random, weak, leaseMs, storeKey } = world;
    this.world = world;
    this.name = `p${id}`;
    this.owner = { node: this.name, incarnation: weak.incarnation ?? hexOf(id) };
    const drift = weak.drift ?? 0.2;
    this.clock = new NodeClock(world.clock, 1 - drift + 2 * drift * random.next(), this);
    const patience = new Patience({ clock: this.clock, random, firstWaitMs: 1, maxWaitMs: 16 });
    const store = world.bucket.clientOf(this);
    this.bucket = new (weak.shardBucket ?? ShardBucket)(store, 0, storeKey, patience);
    const rules = { ...leaseRules(leaseMs), ...weak.lease?.(leaseMs) };
    this.lease = new OwnLease(rules);
    this.watch = new (weak.watch ?? SilenceWatch)(rules);
    this.stuck = new StuckClaims(world.habits.stuckMs ?? Number.POSITIVE_INFINITY);
    this.keeper = new LeaseKeeper({
      store,
      storeKey,
      clock: this.clock,
      lease: this.lease,
      renewMs: leaseMs / 6,
      url: "",
      ...this.owner,
      content: () => ({ state: "up", shards: [] }),
      onRenewed: () => {
        const { served } = this;
        if (served !== undefined) this.spawn(() => served.freshness.adopt());
      },
    });
    world.log?.(`start ${this.name}`);
    if (world.mode === "lease") {
      this.spawn(() => this.keeper.run());
      this.spawn(() => this.observe());
      this.spawn(() => this.readNowAndThen());
    } else this.spawn(() => this.claimAtRandom());
    this.spawn(() => this.meetTrouble());
  }

  /** Runs something of this process; what it throws ends the history. */
  spawn(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.isDead) this.world.oracle.fail(`${this.name}: ${why}`);
    });
  }

  pause(forMs: number): void {
    const { world } = this;
    this.pausedUntilMs = Math.max(this.pausedUntilMs, world.clock.monotonic() + forMs);
    if (world.weak.pausesUncounted === true) this.clock.standStill(forMs);
    world.log?.(`pause ${this.name} for ${forMs.toFixed(0)}`);
  }

  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.world.log?.(`kill ${this.name}`);
    this.world.startLater();
  }

  private get hasShard(): boolean {
    return this.served !== undefined && !this.served.isLost;
  }

  private get hasLease(): boolean {
    return this.lease.isValid(momentOf(this.clock));
  }

  private async observe(): Promise<void> {
    const { clock, world, watch } = this;
    for (;;) {
      const sentMs = clock.monotonic();
      const leases = await listLeases(this.bucket);
      // A process that is cut off itself may forget: it waits longer then, and is as safe.
      if (world.habits.forgets && !this.hasLease) watch.reset();
      watch.saw(seqsOf(leases), sentMs, clock.monotonic());
      if (!this.isClaiming && this.hasLease && world.chance(this.hasShard ? 0.2 : 0.9))
        await this.lookForWork();
      await sleep(clock, world.leaseMs / 12);
    }
  }

  private async lookForWork(): Promise<void> {
    const { world, clock, watch, owner } = this;
    const decision = await decide(this.bucket);
    // An owner claims again when there is a claim above its own that did not open.
    if (this.hasShard && decision.top === this.served?.opened.epoch) return;
    const rules = { ...STRICT_TAKEOVER, ...world.weak.takeover };
    const silences = mayClaim(decision, watch, owner, { nowMs: clock.monotonic(), rules });
    if (silences === undefined) return this.endStuckClaims(decision);
    this.isClaiming = true;
    if (world.chance(world.habits.stallP)) await sleep(clock, world.mean(world.habits.stallMs * 3));
    await this.claim(decision, silences);
    this.isClaiming = false;
  }

  private async endStuckClaims(decision: Decision): Promise<void> {
    const { world, bucket, owner, clock, stuck } = this;
    if (world.habits.stuckMs === undefined) return;
    for (const epoch of stuck.overdue(decision, clock.monotonic())) {
      const writer = { incarnation: owner.incarnation, nonce: hexOf(world.newId()) };
      world.log?.(`${this.name} ends the claim of ${epoch}`);
      await putFence(bucket, epoch, 1, { writer, epoch: epoch + 1 });
      world.oracle.stats.ended++;
    }
  }

  private async claimAtRandom(): Promise<void> {
    const { world, clock } = this;
    for (;;) {
      await sleep(clock, world.mean(world.habits.claimMs));
      if (this.hasShard && !world.chance(0.3)) continue;
      await this.claim(await decide(this.bucket), new Map());
    }
  }

  private async claim(decision: Decision, silences: Silences): Promise<void> {
    const { world, bucket, owner, lease, clock } = this;
    const { weak, oracle, habits } = world;
    const { top } = weak.decidesAnew === true ? await decide(bucket) : decision;
    const { generation } = lease;
    const state = new ShardState(bucket);
    const nonce = weak.nonce ?? hexOf(world.newId());
    const stall = async (): Promise<void> => {
      if (world.chance(habits.stallP)) await sleep(clock, world.mean(habits.stallMs));
    };
    const rules = { ...STRICT_CLAIM, ...weak.claim };
    const outcome = await claimShard({
      bucket,
      owner,
      nonce,
      top,
      rules,
      areStillSilent: async () => {
        world.log?.(`${this.name} claims ${top + 1}`);
        if (world.chance(habits.dieClaiming))
          world.clock.setTimer(() => this.kill(), world.mean(20));
        if (silences.size === 0) return true;
        const leases = seqsOf(await listLeases(bucket));
        return { ...STRICT_TAKEOVER, ...weak.takeover }.areUnchanged(silences, leases);
      },
      restored: {
        load: async (checkpoint) => {
          await stall();
          await state.load(checkpoint);
          if (world.chance(0.3)) await sleep(clock, world.mean(40));
        },
        repeat: async (group) => {
          state.repeat(decodeSmallGroup(group));
          if (world.chance(0.03)) await sleep(clock, world.mean(60));
        },
        check: async () => {
          await state.check();
          oracle.mayOpen(nonce, { epoch: top + 1, state });
          await stall();
        },
      },
    });
    if (outcome.kind !== "opened") {
      world.log?.(`${this.name} ${outcome.kind} ${top + 1}`);
      return;
    }
    world.log?.(`${this.name} serves ${outcome.epoch}`);
    this.served?.lose();
    const served = new ServedShard(this, outcome, state, generation);
    this.served = served;
    served.start();
    this.spawn(() => served.freshness.adopt());
  }

  private async readNowAndThen(): Promise<void> {
    const { world, clock } = this;
    for (;;) {
      await sleep(clock, world.mean(10));
      const { served } = this;
      if (served === undefined || served.isLost) continue;
      const needed = world.oracle.acked.length;
      const how = world.chance(0.15) ? "look" : world.chance(0.15) ? "put" : "lease";
      this.spawn(() => this.read(served, how, needed));
    }
  }

  private async read(
    served: ServedShard,
    how: "look" | "put" | "lease",
    needed: number,
  ): Promise<void> {
    const { world, clock } = this;
    const { freshness, pipeline, opened } = served;
    const startMs = clock.monotonic();
    if (how === "lease") {
      if (world.chance(0.2)) await sleep(clock, world.mean(3));
      if (served.isLost || !freshness.isFresh) return;
    } else if (how === "look") {
      if (!(await freshness.prove()) || served.isLost) return;
      world.oracle.stats.proofs++;
    } else {
      while (!served.isLost && pipeline.provenMs < startMs) {
        if (clock.monotonic() - startMs > 40) return;
        await Promise.race([served.untilMoved(), sleep(clock, 10)]);
      }
      if (served.isLost) return;
      world.oracle.stats.proofs++;
    }
    world.oracle.read(how, opened.epoch, served.durableCount, needed);
  }

  private async meetTrouble(): Promise<void> {
    const { world, clock } = this;
    const { habits, random, leaseMs } = world;
    for (;;) {
      await sleep(clock, world.mean(habits.troubleMs));
      const luck = random.next();
      if (luck < habits.killP) return this.kill();
      if (luck < habits.killP + habits.cutP) {
        this.cutUntilMs = world.clock.monotonic() + leaseMs * (0.3 + 1.4 * random.next());
        world.log?.(`cut ${this.name} until ${this.cutUntilMs.toFixed(0)}`);
      } else if (luck < habits.killP + habits.cutP + habits.pauseP) {
        const kind = random.next();
        this.pause(
          kind < 0.12
            ? world.mean(1200)
            : kind < 0.5
              ? leaseMs * (0.6 + random.next())
              : world.mean(leaseMs * 0.7),
        );
      }
    }
  }
}
