// Waits until a shard may be claimed, and claims it. A live owner is waited for as long as it
// lives; a silent one for 1.25 leases; one that released the shard not at all. A claimant that
// lives but does not open within a minute is stuck: a fence on the place of its opening ends it,
// whichever of the two comes first, so that nobody waits for it for ever and it can never serve
// afterwards. An owner that lives but cannot write gives up by itself when its first group is a
// minute old.

import { type Clock, type Random, S2Error, sleep } from "@s2kit/core";
import type { StateStore } from "../../log/state-store.js";
import { claimShard, type OpenedShard } from "../claim/claim.js";
import { type Decision, decide } from "../claim/decision.js";
import { putFence } from "../claim/manifest-chain.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { ownerText } from "../format/manifest-entry.js";
import type { NodeLease } from "../lease/node-lease.js";
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
  const stuck = new Map<number, number>();
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
      await endStuck(options, decision, stuck);
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

/** Ends claims that did not open in time. */
async function endStuck(
  { bucket, node, clock, random }: TakeShardOptions,
  { pending }: Decision,
  firstSeen: Map<number, number>,
): Promise<void> {
  const nowMs = clock.monotonic();
  for (const epoch of firstSeen.keys()) if (!pending.includes(epoch)) firstSeen.delete(epoch);
  for (const epoch of pending) {
    const sinceMs = firstSeen.get(epoch) ?? nowMs;
    firstSeen.set(epoch, sinceMs);
    if (nowMs - sinceMs < OPENING_LIMIT_MS) continue;
    const writer = { incarnation: node.owner.incarnation, nonce: nonceOf(random) };
    await putFence(bucket, epoch, 1, { writer, epoch: epoch + 1 });
  }
}

function nonceOf(random: Random): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}
