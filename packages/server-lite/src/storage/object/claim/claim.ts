// Claims a shard: takes the next epoch, closes the manifest of those before, walks and fences their
// logs, and opens. Safe whoever else claims at any time: of all who take an epoch one has it, and
// of all who have one, the highest that opens is the owner. Clocks decide nothing here; they only
// say when a claim is worth while (`../lease`).

import { storageError } from "../../durability.js";
import { STRICT_PROOF } from "../../log/group-proof.js";
import type { ScannedGroup } from "../../log/log-cursor.js";
import {
  encodeEntry,
  type LogPlace,
  type ManifestEntry,
  type Owner,
  type ShardCheckpoint,
} from "../format/manifest-entry.js";
import type { Writer } from "../format/sealed-object.js";
import {
  MissingObjectError,
  STRICT_WALK,
  type WalkedLog,
  type WalkRules,
  walkLog,
} from "./log-walk.js";
import { closeChain, putFence, type Successor } from "./manifest-chain.js";
import type { ShardBucket } from "./shard-bucket.js";

/** What the promises of a claim rest on. Weaker ones exist in tests only, which must find them. */
export interface ClaimRules extends WalkRules {
  readonly closeChain: typeof closeChain;
}

export const STRICT_CLAIM: ClaimRules = { ...STRICT_WALK, proof: STRICT_PROOF, closeChain };

/** What a claim finds goes here, in this order. */
export interface Restored {
  /** Loads the state of the checkpoint. @throws {MissingObjectError} when a run is gone */
  load(checkpoint: ShardCheckpoint): Promise<void>;
  /** Repeats a group over it. */
  repeat(group: ScannedGroup, place: LogPlace): void | Promise<void>;
  /** The log has ended. @throws {MissingObjectError} when something that the state names is gone */
  check(): Promise<void>;
}

export interface ClaimOptions {
  readonly bucket: ShardBucket;
  readonly owner: Owner;
  /** 128 random bits of this claim, 32 hex digits. */
  readonly nonce: string;
  /** Highest epoch of the listing that the decision to claim was made on. */
  readonly top: number;
  /** Looks once more at those who had to be silent, when the epoch is taken. */
  readonly areStillSilent: () => Promise<boolean>;
  readonly restored: Restored;
  /** Default: the strict ones. */
  readonly rules?: ClaimRules;
}

export type ClaimOutcome =
  | OpenedShard
  /** Somebody else took the epoch: decide anew. */
  | { readonly kind: "taken" }
  /** The epoch is burnt: somebody lives after all, or a later claim went past. */
  | { readonly kind: "dropped"; readonly why: "alive" | "superseded" };

export interface OpenedShard {
  readonly kind: "opened";
  readonly epoch: number;
  readonly owner: Owner;
  readonly writer: Writer;
  readonly checkpoint: ShardCheckpoint;
  readonly log: WalkedLog;
}

/** Where a shard begins that nobody has opened yet. */
export const FIRST_CHECKPOINT: ShardCheckpoint = {
  replay: { epoch: 1, slot: 0 },
  sequence: 1,
  position: 1,
  runs: [],
  known: { epoch: 1, slot: 0 },
};

/** @throws {S2Error} `storage` when the bucket is damaged, or refuses */
export async function claimShard(options: ClaimOptions): Promise<ClaimOutcome> {
  const { bucket, owner, nonce, top, areStillSilent } = options;
  const writer: Writer = { incarnation: owner.incarnation, nonce };
  const epoch = top + 1;
  if (!(await putEntry(bucket, epoch, 0, { kind: "claim", owner, writer })))
    return { kind: "taken" };
  if (!(await areStillSilent())) {
    // The number is burnt; closed, nobody has to wait for our silence to claim the next one.
    await putFence(bucket, epoch, 1, { writer, epoch: epoch + 1 });
    return { kind: "dropped", why: "alive" };
  }
  return await openShard(options, { writer, epoch }).catch(async (error: unknown) => {
    if (!(error instanceof MissingObjectError)) throw error;
    // A later claim that opened may collect what this one still reads.
    if (await bucket.exists(bucket.manifestName(epoch, 1)))
      return { kind: "dropped", why: "superseded" };
    throw storageError(
      `${error.message}: restore it from a copy, and look for lifecycle rules`,
      error,
    );
  });
}

async function openShard(
  { bucket, owner, restored, rules = STRICT_CLAIM }: ClaimOptions,
  successor: Successor,
): Promise<ClaimOutcome> {
  const { epoch, writer } = successor;
  const from = await newestCheckpoint(bucket, successor, rules);
  await restored.load(from);
  const onGroup = (group: ScannedGroup, place: LogPlace) => restored.repeat(group, place);
  const log = await walkLog({ bucket, rules, from, successor, onGroup });
  await restored.check();
  // All earlier epochs have their fence: from now on, a log that ends without one is damaged.
  const checkpoint = { ...from, known: { epoch, slot: 0 } };
  const entry: ManifestEntry = { kind: "open", owner, checkpoint, writer };
  if (!(await putEntry(bucket, epoch, 1, entry))) return { kind: "dropped", why: "superseded" };
  return { kind: "opened", epoch, owner, writer, checkpoint, log };
}

/** The checkpoint of the newest epoch that was opened; all epochs down to it are closed. */
async function newestCheckpoint(
  bucket: ShardBucket,
  successor: Successor,
  { closeChain: close }: ClaimRules,
): Promise<ShardCheckpoint> {
  for (let epoch = successor.epoch - 1; epoch > 0; epoch--) {
    const chain = await close(bucket, epoch, successor);
    if (chain.kind === "gone") throw new MissingObjectError(bucket.manifestName(epoch, 1));
    if (chain.entry !== undefined) return chain.entry.checkpoint;
  }
  return FIRST_CHECKPOINT;
}

/** @returns whether the entry is there, as ours */
async function putEntry(
  bucket: ShardBucket,
  epoch: number,
  number: number,
  entry: ManifestEntry,
): Promise<boolean> {
  const name = bucket.manifestName(epoch, number);
  const settled = await bucket.settle(name, encodeEntry(name, entry, bucket.storeKey));
  return settled.kind === "mine";
}
