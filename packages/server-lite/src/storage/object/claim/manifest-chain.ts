// Closes the manifest of an earlier epoch, so that its owner can confirm nothing there any more. A
// fence counts only where it is the last: behind the entry that a listing showed, the owner may
// have put more and removed what lay between, and the fence lies on a number that nobody uses.

import { storageError } from "../../durability.js";
import { type CarryingEntry, encodeEntry } from "../format/manifest-entry.js";
import { keyOf } from "../format/names.js";
import type { Writer } from "../format/sealed-object.js";
import { lastCarrying } from "./decision.js";
import type { ListedObject, ShardBucket } from "./shard-bucket.js";

/** Who closes, and for which epoch. */
export interface Successor {
  readonly writer: Writer;
  readonly epoch: number;
}

/** Each look that fails needs an owner that put and removed an entry meanwhile. */
const MAX_LOOKS = 100;

/** An epoch that takes no more entries, and the newest that carries a checkpoint, if any does. */
export type ClosedChain =
  | { readonly kind: "closed"; readonly entry: CarryingEntry | undefined }
  /** Somebody removes its entries: a later claim has opened, or the bucket is damaged. */
  | { readonly kind: "gone" };

/**
 * Puts fences behind the last entry until a listing that began after the last of them ends with
 * one, whoever put it.
 */
export async function closeChain(
  bucket: ShardBucket,
  epoch: number,
  successor: Successor,
): Promise<ClosedChain> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const listed = await bucket.listManifest(epoch);
    const last = await lastOf(bucket, epoch, listed);
    // Collected by its owner, who has put another one.
    if (last === undefined) continue;
    if (last.kind === "fence") return newestOf(bucket, listed);
    await putFence(bucket, epoch, last.number + 1, successor);
  }
  throw storageError(
    `the manifest of an epoch shows entries that are not there: is the bucket consistent? key=${keyOf(bucket.manifestName(epoch, 0))}`,
  );
}

/** The last entry as it was listed, or undefined when it has gone since. */
async function lastOf(bucket: ShardBucket, epoch: number, listed: readonly ListedObject[]) {
  const last = listed.at(-1)?.name;
  if (last === undefined)
    throw storageError(
      `the manifest of an epoch is missing in the bucket: restore it from a copy key=${keyOf(bucket.manifestName(epoch, 0))}`,
    );
  const entry = await bucket.entry(last);
  return entry === undefined ? undefined : { kind: entry.kind, number: last.number };
}

/** The newest entry of a chain that carries a checkpoint. */
export async function newestOf(
  bucket: ShardBucket,
  listed: readonly ListedObject[],
): Promise<ClosedChain> {
  const entry = await lastCarrying(bucket, listed);
  return entry === "gone" ? { kind: "gone" } : { kind: "closed", entry };
}

/** Puts a fence, or finds that something else is there: both are looked at in the next listing. */
export async function putFence(
  bucket: ShardBucket,
  epoch: number,
  number: number,
  { writer, epoch: successor }: Successor,
): Promise<void> {
  const name = bucket.manifestName(epoch, number);
  await bucket.settle(
    name,
    encodeEntry(name, { kind: "fence", successor, writer }, bucket.storeKey),
  );
}
