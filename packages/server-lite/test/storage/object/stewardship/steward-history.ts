// One history of several nodes that share out the shards of a store, from a seed: they start, stop, die,
// stand still and are cut off, on a bucket that answers late or not at all. Then all is calm, and each
// shard must have an owner, the one that placement says. The same seed gives the same history.

import { randomInteger, seededRandom, sleep } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { placed } from "../../../../src/storage/object/stewardship/placement.js";
import type { StewardshipRules } from "../../../../src/storage/object/stewardship/stewardship.js";
import { CALM, SimulatedBucket, type Weather } from "../double/simulated-bucket.js";
import { HistoryNode, type World } from "./history-node.js";
import { StewardOracle } from "./steward-oracle.js";

export interface StewardHistoryOptions {
  readonly rules?: StewardshipRules;
  readonly log?: (line: string) => void;
}

export interface StewardResult {
  readonly opens: number;
  readonly acks: number;
  readonly reads: number;
  readonly deaths: number;
  readonly violation: string | undefined;
}

const NAMES = ["a", "b", "c"] as const;
const SHARDS = 3;
const TROUBLES = 7;
/** A lease of 4 s is silent for 5, a claim takes a moment: with a clock that is slow, and a second try. */
const CALM_MS = 25_000;

const ROUGH: Partial<Weather> = {
  lost: 0.05,
  twice: 0.1,
  refused: 0.03,
  slow: 0.05,
  verySlow: 0.01,
};

class StewardHistory {
  private readonly clock = createSimulatedClock();
  private readonly random;
  private readonly nodes: HistoryNode[] = [];
  private readonly oracle = new StewardOracle(this.nodes);
  private readonly bucket: SimulatedBucket;
  private readonly world: World;
  private deaths = 0;
  private isOver = false;

  constructor(seed: number, { rules, log }: StewardHistoryOptions) {
    this.random = seededRandom(seed * 6007 + 5);
    const { clock, random, oracle } = this;
    const weather = { ...CALM, ...(random.next() < 0.6 ? ROUGH : {}), meanMs: 10, timeoutMs: 300 };
    const bucket = new SimulatedBucket({ clock, random, weather });
    this.bucket = bucket;
    this.world = {
      clock,
      random,
      bucket,
      oracle,
      rules,
      shards: SHARDS,
      log: (line) => log?.(`${(clock.monotonic() / 1000).toFixed(2)} ${line}`),
    };
  }

  async run(): Promise<StewardResult> {
    const story = this.tell().catch((error: unknown) => this.oracle.fail(String(error)));
    void story.finally(() => {
      this.isOver = true;
    });
    while (!this.isOver && this.oracle.violation === undefined) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.clock.fireNext();
    }
    for (const node of this.nodes) node.isDead = true;
    return { ...this.oracle.stats, deaths: this.deaths, violation: this.oracle.violation };
  }

  private async tell(): Promise<void> {
    for (const name of NAMES) this.start(name);
    await sleep(this.clock, 8000);
    for (let trouble = 0; trouble < TROUBLES; trouble++) {
      await this.meet();
      await sleep(this.clock, randomInteger(this.random, 200, 6000));
    }
    this.bucket.weather = { ...CALM, meanMs: 10 };
    for (const name of NAMES) if (this.living(name) === undefined) this.start(name);
    await sleep(this.clock, CALM_MS);
    this.requireOrder();
  }

  private living(name: string): HistoryNode | undefined {
    return this.nodes.find((node) => node.name === name && !node.isDead);
  }

  private start(name: string): void {
    const node = new HistoryNode(this.world, name);
    this.nodes.push(node);
    this.world.log(`${name} starts`);
    node.start().catch((error: unknown) => {
      if (!node.isDead) this.oracle.fail(`${name} does not start: ${String(error)}`);
    });
  }

  private async meet(): Promise<void> {
    const { random, clock } = this;
    const name = NAMES[randomInteger(random, 0, NAMES.length - 1)] as string;
    const node = this.living(name);
    if (node === undefined) return this.start(name);
    const luck = random.next();
    const untilMs = clock.monotonic() + randomInteger(random, 500, 9000);
    if (luck < 0.35) {
      this.world.log(`${name} dies`);
      this.deaths++;
      node.isDead = true;
      if (random.next() < 0.5) this.start(name);
    } else if (luck < 0.65) {
      this.world.log(`${name} stands still until ${untilMs.toFixed(0)}`);
      node.pausedUntilMs = untilMs;
    } else if (luck < 0.75) {
      this.world.log(`${name} hears late, then nothing until ${(untilMs + 4000).toFixed(0)}`);
      node.answerLagMs = randomInteger(random, 2500, 3500);
      await sleep(clock, 6000);
      node.cutUntilMs = clock.monotonic() + randomInteger(random, 5000, 9000);
      await sleep(clock, 9000);
      node.answerLagMs = 0;
    } else if (luck < 0.87) {
      this.world.log(`${name} is cut off until ${untilMs.toFixed(0)}`);
      node.cutUntilMs = untilMs;
    } else if (node.steward !== undefined) {
      this.world.log(`${name} stops`);
      await node.stop();
      node.isDead = true;
    }
  }

  /** Everybody lives: each shard is where it belongs, and answers. */
  private requireOrder(): void {
    const members = NAMES.map((node) => ({ node, state: "up" as const }));
    for (let shard = 0; shard < SHARDS; shard++) {
      const owners = this.nodes.filter((node) => !node.isDead && node.served.has(shard));
      const [owner] = owners;
      if (owners.length !== 1 || owner?.served.get(shard)?.isFresh !== true)
        this.oracle.fail(
          `shard ${shard} has ${owners.map(({ name }) => name).join(" ") || "no"} owner`,
        );
      else if (owner.name !== placed(shard, members))
        this.oracle.fail(`shard ${shard} stays with ${owner.name}`);
    }
  }
}

export function runStewardHistory(
  seed: number,
  options: StewardHistoryOptions = {},
): Promise<StewardResult> {
  return new StewardHistory(seed, options).run();
}
