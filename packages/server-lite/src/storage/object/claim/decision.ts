// What one listing of a shard's manifest says: which epoch would be claimed next, who may believe
// to own the shard, and whether it was given away. A claim is of exactly the epoch behind this
// listing: whoever looks again before it claims may claim over somebody it never judged.

import { storageError } from "../../durability.js";
import { isCarrying, type ManifestEntry, type Owner, ownerText } from "../format/manifest-entry.js";
import { keyOf } from "../format/names.js";
import type { ListedObject, ShardBucket } from "./shard-bucket.js";

export interface Decision {
  /** Highest epoch that was ever claimed; 0 before the first. */
  readonly top: number;
  /** The newest epoch that was opened; 0 when none was. */
  readonly opened: number;
  /**
   * Claimants from the newest opened epoch up that may serve, now or soon. Not an owner that
   * released the shard, and not whoever claimed an epoch that was closed before it opened.
   */
  readonly suspects: readonly Owner[];
  /** Epochs that were claimed, and neither opened nor closed, falling. */
  readonly pending: readonly number[];
}

/** A listing that is read while entries come and go may show an epoch and none of those before. */
const MAX_LOOKS = 20;

/** @throws {S2Error} `storage` when an entry is damaged, or a claim is gone for good */
export async function decide(bucket: ShardBucket): Promise<Decision> {
  let gap: number | undefined;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const listed = await bucket.listManifest();
    gap = firstGap(listed);
    const decision = gap === undefined ? await judge(bucket, listed) : undefined;
    if (decision !== undefined) return decision;
  }
  if (gap === undefined)
    throw storageError("the manifest shows entries that are not there: is the bucket consistent?");
  throw storageError(
    `a claim is missing in the bucket: restore it from a copy, and look for lifecycle rules key=${keyOf(bucket.manifestName(gap, 0))}`,
  );
}

/** Claims are never removed: every epoch up to the highest has one. */
function firstGap(listed: readonly ListedObject[]): number | undefined {
  const top = listed.at(-1)?.name.epoch ?? 0;
  const claimed = new Set<number>();
  for (const { name } of listed) if (name.number === 0) claimed.add(name.epoch);
  for (let epoch = 1; epoch <= top; epoch++) if (!claimed.has(epoch)) return epoch;
  return undefined;
}

/** Undefined when an entry was collected before it could be read: the listing is too old. */
async function judge(
  bucket: ShardBucket,
  listed: readonly ListedObject[],
): Promise<Decision | undefined> {
  const top = listed.at(-1)?.name.epoch ?? 0;
  const suspects = new Map<string, Owner>();
  const pending: number[] = [];
  let opened = 0;
  for (let epoch = top; epoch > 0 && opened === 0; epoch--) {
    const chain = listed.filter(({ name }) => name.epoch === epoch);
    const last = await lastCarrying(bucket, chain);
    if (last === "gone") return undefined;
    if (last !== undefined) opened = epoch;
    // Closed before it opened, or given away: whoever claimed it never serves any more.
    if (last === undefined ? chain.length > 1 : last.kind === "released") continue;
    const claim = await bucket.entry(bucket.manifestName(epoch, 0));
    if (claim?.kind !== "claim") return undefined;
    suspects.set(ownerText(claim.owner), claim.owner);
    if (last === undefined) pending.push(epoch);
  }
  return { top, opened, suspects: [...suspects.values()], pending };
}

/** The highest entry that carries a checkpoint; undefined when the epoch was never opened. */
export async function lastCarrying(
  bucket: ShardBucket,
  chain: readonly ListedObject[],
): Promise<(ManifestEntry & { kind: "open" | "checkpoint" | "released" }) | undefined | "gone"> {
  for (let at = chain.length - 1; at >= 0; at--) {
    const { name } = chain[at] as ListedObject;
    if (name.number === 0) continue;
    const entry = await bucket.entry(name);
    if (entry === undefined) return "gone";
    if (isCarrying(entry)) return entry;
  }
  return undefined;
}
