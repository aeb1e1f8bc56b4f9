// One shard on a bucket that does what it is told, for tests that say exactly what goes wrong.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import {
  type ClaimOutcome,
  claimShard,
  type OpenedShard,
} from "../../../../src/storage/object/claim/claim.js";
import { decide } from "../../../../src/storage/object/claim/decision.js";
import { Patience } from "../../../../src/storage/object/claim/patience.js";
import { ShardBucket } from "../../../../src/storage/object/claim/shard-bucket.js";
import {
  LogPipeline,
  type PipelineState,
} from "../../../../src/storage/object/log/log-pipeline.js";
import { CALM, SimulatedBucket, type Weather } from "../double/simulated-bucket.js";
import { ShardState } from "./history/shard-state.js";
import { decodeSmallGroup, encodeSmallGroup } from "./history/small-group.js";

const STORE_KEY = 0x5eed;

/** A process whose requests may be cut off and whose answers may be held. */
export class TestNode {
  isDead = false;
  pausedUntilMs = 0;
  cutUntilMs = 0;
  failure: "unknown" | "busy" | "denied" | "rejected" | undefined;
  readonly name: string;
  readonly shard: ShardBucket;

  constructor(world: CalmShard, name: string) {
    const random = seededRandom(name.charCodeAt(0));
    this.name = name;
    const patience = new Patience({ clock: world.clock, random, firstWaitMs: 5, maxWaitMs: 100 });
    this.shard = new ShardBucket(world.bucket.clientOf(this), 0, STORE_KEY, patience);
  }
}

export interface Served {
  readonly opened: OpenedShard;
  readonly state: ShardState;
  readonly pipeline: LogPipeline;
  /** How the pipeline ended. */
  readonly ends: PipelineState[];
  /** Sends a group of one record. */
  append(record: string): void;
}

export class CalmShard {
  readonly clock: SimulatedClock = createSimulatedClock();
  readonly bucket: SimulatedBucket;
  private nonces = 0;

  constructor(weather: Partial<Weather> = {}) {
    const { clock } = this;
    const random = seededRandom(7);
    this.bucket = new SimulatedBucket({ clock, random, weather: { ...CALM, ...weather } });
  }

  node(name: string): TestNode {
    return new TestNode(this, name);
  }

  /** Lets time pass until the work is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (!isDone && !this.clock.fireNext()) break;
    }
    return done;
  }

  /** Lets everything come to rest that is on its way. */
  async settle(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.clock.fireNext());
  }

  /** Claims the shard over whoever has it. */
  async claim(
    node: TestNode,
    options: { top?: number; nonce?: string; areStillSilent?: boolean } = {},
  ): Promise<{ outcome: ClaimOutcome; state: ShardState }> {
    const { shard } = node;
    const top = options.top ?? (await this.during(decide(shard))).top;
    const state = new ShardState(shard);
    const nonce = options.nonce ?? (++this.nonces).toString(16).padStart(32, "0");
    const outcome = await this.during(
      claimShard({
        bucket: shard,
        owner: { node: node.name, incarnation: "a".repeat(32) },
        nonce,
        top,
        areStillSilent: () => Promise.resolve(options.areStillSilent ?? true),
        restored: {
          load: (checkpoint) => state.load(checkpoint),
          repeat: (group) => state.repeat(decodeSmallGroup(group)),
          check: () => state.check(),
        },
      }),
    );
    return { outcome, state };
  }

  /** Claims and opens. */
  async open(node: TestNode, window = 4, limitMs = 60_000): Promise<Served> {
    const { outcome, state } = await this.claim(node);
    if (outcome.kind !== "opened") throw new Error(`the claim ended: ${outcome.kind}`);
    const ends: PipelineState[] = [];
    const { epoch, writer, log } = outcome;
    const pipeline = new LogPipeline({
      bucket: node.shard,
      clock: this.clock,
      epoch,
      writer,
      window,
      limitMs,
      onDurable: () => undefined,
      onEnd: (end) => ends.push(end),
    });
    let { sequence } = log;
    const append = (record: string): void => {
      const group = {
        sequence: sequence++,
        position: state.records.length,
        records: [record],
        moved: undefined,
      };
      state.repeat(group);
      pipeline.put(encodeSmallGroup(group, epoch, STORE_KEY), 0);
    };
    return { opened: outcome, state, pipeline, ends, append };
  }
}

/** The key of a slot of the only shard. */
export function slotKey(epoch: number, slot: number): string {
  return `s/00/log/${String(epoch).padStart(10, "0")}/${String(slot).padStart(12, "0")}`;
}

/** The key of an entry of its manifest. */
export function entryKey(epoch: number, number: number): string {
  return `s/00/manifest/${String(epoch).padStart(10, "0")}/${String(number).padStart(8, "0")}`;
}
