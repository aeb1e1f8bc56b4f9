// Waits until a shard may be claimed, and claims it. A live owner is waited for as long as it
// lives; a silent one for 1.25 leases; one that released the shard not at all. A claimant that
// lives but does not open within a minute is stuck, and ended (`stuck-claims`). An owner that lives
// but cannot write gives up by itself when its first group is a minute old.

import { type Clock, type Random, S2Error, sleep } from "@s2kit/core";
import type { StateStore } from "../../log/state-store.js";
import { claimShard, type OpenedShard } from "../claim/claim.js";
import { type Decision, decide } from "../claim/decision.js";
import { putFence } from "../claim/manifest-chain.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { StuckClaims } from "../claim/stuck-claims.js";
import { ownerText } from "../format/manifest-entry.js";
import type { NodeLease } from "../lease/node-lease.js";
import { SeenLife } from "../lease/seen-life.js";
import { mayClaim, type Silences, STRICT_TAKEOVER } from "../lease/takeover.js";
import { RestoredShard } from "./restored-shard.js";

/** A claimant has so long to open, as far as this process can see. */
const OPENING_LIMIT_MS = 60_000;

export interface TakeShardOptions {
  readonly bucket: ShardBucket;
  readonly node: NodeLease;
  readonly clock: Clock;
  readonly random: Random;
  readonly openState: () => StateStore | Promise<StateStore>;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Somebody may still serve the shard: told when it changes who. */
  readonly onWait?: ((holders: string) => void) | undefined;
  /** One who is waited for lives: told with each look that shows it. */
  readonly onAlive?: ((holder: string) => void) | undefined;
}

export interface TakenShard {
  readonly opened: OpenedShard;
  readonly restored: RestoredShard;
  /** Of the own lease when the claim went out. */
  readonly generation: number;
}

/** @throws {S2Error} `storage`; `ABORTED` when the signal came first: nothing is claimed then */
export async function takeShard(options: TakeShardOptions): Promise<TakenShard> {
  const { bucket, node, clock, signal } = options;
  const stuck = new StuckClaims(OPENING_LIMIT_MS);
  const life = new SeenLife();
  let told = "";
  for (;;) {
    if (signal?.aborted === true)
      throw new S2Error({ code: "ABORTED", message: "stopped while waiting for the shard" });
    await node.look();
    const decision = await decide(bucket);
    const silences = node.isValid
      ? mayClaim(decision, node.watch, node.owner, { nowMs: clock.monotonic() })
      : undefined;
    if (silences === undefined) {
      const holders = decision.suspects.map(ownerText).join(" ");
      if (holders !== told && holders !== "") options.onWait?.(holders);
      told = holders;
      for (const holder of decision.suspects.map(ownerText))
        if (life.saw(holder, node.watch.seqOf(holder))) options.onAlive?.(holder);
      await endClaims(options, stuck.overdue(decision, clock.monotonic()));
      await sleep(clock, node.lookEveryMs, signal);
      continue;
    }
    const taken = await claim(options, decision, silences);
    if (taken !== undefined) return taken;
  }
}

async function claim(
  { bucket, node, random, openState }: TakeShardOptions,
  { top }: Decision,
  silences: Silences,
): Promise<TakenShard | undefined> {
  const { generation } = node.own;
  const restored = new RestoredShard(bucket, await openState());
  try {
    const outcome = await claimShard({
      bucket,
      owner: node.owner,
      nonce: nonceOf(random),
      top,
      restored,
      areStillSilent: async () =>
        silences.size === 0 || STRICT_TAKEOVER.areUnchanged(silences, await node.renewals()),
    });
    if (outcome.kind === "opened") return { opened: outcome, restored, generation };
  } catch (error) {
    await restored.tables.store.close();
    throw error;
  }
  await restored.tables.store.close();
  return undefined;
}

/** Puts a fence where each of these claimants would open. */
async function endClaims(
  { bucket, node, random }: TakeShardOptions,
  epochs: readonly number[],
): Promise<void> {
  for (const epoch of epochs) {
    const writer = { incarnation: node.owner.incarnation, nonce: nonceOf(random) };
    await putFence(bucket, epoch, 1, { writer, epoch: epoch + 1 });
  }
}

function nonceOf(random: Random): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}
