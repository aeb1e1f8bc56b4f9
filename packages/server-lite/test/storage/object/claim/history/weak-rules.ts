// Weak variants of the rules of the protocol, and worlds in which its assumptions do not hold. Each
// breaks one promise; the histories must find every one of them, or they would not find a fault
// like it either.

import type { ClaimRules } from "../../../../../src/storage/object/claim/claim.js";
import { type Confirmed, garbageOf } from "../../../../../src/storage/object/claim/collection.js";
import { newestOf, putFence } from "../../../../../src/storage/object/claim/manifest-chain.js";
import { type Settled, ShardBucket } from "../../../../../src/storage/object/claim/shard-bucket.js";
import {
  keyOf,
  type NumberedName,
  nameOf,
} from "../../../../../src/storage/object/format/names.js";
import { HEAD_BYTES } from "../../../../../src/storage/object/format/sealed-object.js";
import type { FreshnessRules } from "../../../../../src/storage/object/lease/freshness.js";
import type { LeaseRules } from "../../../../../src/storage/object/lease/lease-rules.js";
import { SilenceWatch } from "../../../../../src/storage/object/lease/silence-watch.js";
import type { TakeoverRules } from "../../../../../src/storage/object/lease/takeover.js";
import type { PipelineRules } from "../../../../../src/storage/object/log/log-pipeline.js";
import type { Weather } from "../../double/simulated-bucket.js";
import type { Habits, History, Mode } from "./history.js";

export interface Weakness {
  readonly claim?: Partial<ClaimRules>;
  readonly pipeline?: Partial<PipelineRules>;
  readonly takeover?: Partial<TakeoverRules>;
  readonly freshness?: FreshnessRules;
  readonly lease?: (leaseMs: number) => Partial<LeaseRules>;
  readonly watch?: typeof SilenceWatch;
  readonly shardBucket?: typeof ShardBucket;
  readonly garbageOf?: (confirmed: Confirmed, world: History) => NumberedName[];
  /** Whether leftovers are looked for after the open. */
  readonly sweeps?: boolean;
  readonly collectsEarly?: boolean;
  readonly decidesAnew?: boolean;
  readonly servesWhileReleasing?: boolean;
  /** Part by which rates of clocks differ. */
  readonly drift?: number;
  readonly pausesUncounted?: boolean;
  /** Of all processes. */
  readonly incarnation?: string;
  readonly nonce?: string;
  readonly weather?: Partial<Weather>;
  /** What happens more often than usual: aims at a fault that is seen weakly. */
  readonly habits?: Partial<Habits>;
  /** Does something to the bucket. */
  readonly meddle?: (world: History) => void;
}

export interface Planted {
  readonly what: string;
  readonly mode: Mode;
  readonly weak: Weakness;
  /** It must be found within so many seeds, */
  readonly seeds: number;
  /** from this one on: those that are seen weakly are aimed at. Default: 1 */
  readonly from?: number;
}

const AGE_MS = 250;
const WEEK_MS = 600;

/** A fence put behind the entry that was listed, and taken for the last without a second look. */
const CLOSES_UNSEEN: Partial<ClaimRules> = {
  async closeChain(bucket, epoch, successor) {
    for (;;) {
      const listed = await bucket.listManifest(epoch);
      const last = listed.at(-1)?.name;
      if (last === undefined) return { kind: "closed", entry: undefined };
      const entry = await bucket.entry(last);
      if (entry === undefined) continue;
      if (entry.kind !== "fence") await putFence(bucket, epoch, last.number + 1, successor);
      return newestOf(bucket, listed);
    }
  },
};

/** All objects of the shard, as a listing would show them. */
function stored(world: History): { name: NumberedName; bytes: number; ageMs: number }[] {
  const found: { name: NumberedName; bytes: number; ageMs: number }[] = [];
  for (const [key, { bytes, putMs }] of world.bucket.objects) {
    const name = nameOf(key);
    if (name === undefined || name.kind === "cluster" || name.kind === "lease") continue;
    found.push({ name, bytes: bytes.length, ageMs: world.clock.monotonic() - putMs });
  }
  return found;
}

const isFence = ({ bytes }: { bytes: number }): boolean => bytes === HEAD_BYTES;
const isClaim = ({ name }: { name: NumberedName }): boolean =>
  name.kind === "manifest" && name.number === 0;

/** Removes besides what the filter names, of epochs before the own. */
function alsoRemoves(
  filter: (object: { name: NumberedName; bytes: number; ageMs: number }) => boolean,
) {
  return (confirmed: Confirmed, world: History): NumberedName[] => [
    ...garbageOf(confirmed),
    ...stored(world)
      .filter((object) => object.name.epoch < confirmed.epoch && filter(object))
      .map(({ name }) => name),
  ];
}

/** Whatever lies in data/ and state/ that the checkpoint does not name and that is old. */
function removesByAge(confirmed: Confirmed, world: History): NumberedName[] {
  const { dropped } = confirmed;
  const served = world.served(confirmed.epoch);
  const named = new Set(served?.named() ?? []);
  const aged = stored(world).filter(
    ({ name, ageMs }) =>
      (name.kind === "data" || name.kind === "run") && ageMs > AGE_MS && !named.has(keyOf(name)),
  );
  return [...garbageOf({ ...confirmed, dropped }), ...aged.map(({ name }) => name)];
}

/** Counts its own standing still as silence of others. */
class ImpatientWatch extends SilenceWatch {
  override saw(leases: ReadonlyMap<string, number>, _sentMs: number, answeredMs: number): void {
    super.saw(leases, answeredMs, answeredMs);
  }
}

/** Takes whatever the same process wrote for what it wanted to write. */
class TrustingBucket extends ShardBucket {
  override async settle(
    name: NumberedName,
    parts: readonly Uint8Array[],
    limitMs?: number,
  ): Promise<Settled> {
    const settled = await super.settle(name, parts, limitMs);
    const own = Buffer.from(parts[0] as Uint8Array).toString("hex", 8, 24);
    return settled.kind === "other" && settled.head.incarnation === own
      ? { kind: "mine", isDirect: false }
      : settled;
  }
}

/** Believes that something is there because the store said so. */
class CredulousBucket extends ShardBucket {
  override async settle(
    name: NumberedName,
    parts: readonly Uint8Array[],
    limitMs?: number,
  ): Promise<Settled> {
    const outcome = await this.patience.untilAnswered("put", () =>
      this.store.putIfAbsent(keyOf(name), parts),
    );
    if (outcome.kind === "stored") return { kind: "mine", isDirect: true };
    if (!(await this.exists(name))) return { kind: "mine", isDirect: false };
    return super.settle(name, parts, limitMs);
  }
}

/** Opens although somebody put a fence on the place of its opening. */
class HeedlessBucket extends ShardBucket {
  override async settle(
    name: NumberedName,
    parts: readonly Uint8Array[],
    limitMs?: number,
  ): Promise<Settled> {
    const settled = await super.settle(name, parts, limitMs);
    const isOpening = name.kind === "manifest" && name.number === 1 && parts.length > 1;
    return isOpening ? { kind: "mine", isDirect: true } : settled;
  }
}

/** Claimants that stand still half way, and others that end their claims. */
export const STUCK: Partial<Habits> = { stallP: 0.5, stallMs: 120, dieClaiming: 0, stuckMs: 100 };

/** Long between the decision and the claim: those who were silent come back meanwhile. */
const HESITANT: Partial<Habits> = { stallP: 0.9, stallMs: 60, killP: 0.02, forgets: false };
const ALWAYS_UNCHANGED: Partial<TakeoverRules> = { areUnchanged: () => true };
const RELAPSES: FreshnessRules = { counts: () => true };
const ANY_PROOF: Partial<PipelineRules> = { isProof: () => true };

export const PLANTED: readonly Planted[] = [
  {
    what: "a fence of the manifest is not looked at again",
    mode: "free",
    weak: { claim: CLOSES_UNSEEN },
    seeds: 10,
    from: 66,
  },
  {
    what: "data and runs are collected by age",
    mode: "free",
    weak: { garbageOf: removesByAge, sweeps: false },
    seeds: 10,
    from: 420,
  },
  {
    what: "claims and fences are removed after a while",
    mode: "free",
    weak: {
      garbageOf: alsoRemoves((each) => (isFence(each) || isClaim(each)) && each.ageMs > WEEK_MS),
    },
    seeds: 60,
  },
  {
    what: "fences are collected",
    mode: "free",
    weak: { garbageOf: alsoRemoves(isFence) },
    seeds: 60,
  },
  {
    what: "claims are collected",
    mode: "free",
    weak: { garbageOf: alsoRemoves(isClaim) },
    seeds: 60,
  },
  {
    what: "collection before the checkpoint",
    mode: "free",
    weak: { collectsEarly: true },
    seeds: 30,
  },
  {
    what: "the log is not fenced",
    mode: "free",
    weak: { claim: { endLog: () => Promise.resolve("ended") } },
    seeds: 30,
  },
  {
    what: "acks without a look at the slots before",
    mode: "free",
    weak: {
      pipeline: {
        durableAfter(durable, isStored) {
          let slot = durable;
          for (let ahead = durable; ahead < durable + 8; ahead++)
            if (isStored(ahead)) slot = ahead + 1;
          return slot;
        },
      },
    },
    seeds: 60,
  },
  {
    what: "a process is taken for another of the same incarnation",
    mode: "free",
    weak: { shardBucket: TrustingBucket, incarnation: "ab".repeat(16) },
    seeds: 30,
  },
  {
    what: "a store is believed that something exists",
    mode: "free",
    weak: { shardBucket: CredulousBucket, weather: { falseExists: 0.02 } },
    seeds: 30,
  },
  {
    what: "leases are not looked at again after the claim",
    mode: "lease",
    weak: { takeover: ALWAYS_UNCHANGED, habits: HESITANT },
    seeds: 10,
    from: 640,
  },
  {
    what: "a lapsed lease is revived by a renewal",
    mode: "lease",
    weak: { freshness: RELAPSES },
    seeds: 60,
  },
  {
    what: "any answered put is a proof",
    mode: "lease",
    weak: { pipeline: ANY_PROOF },
    seeds: 10,
    from: 1044,
  },
  {
    what: "reads go on during the release",
    mode: "lease",
    weak: { servesWhileReleasing: true },
    seeds: 10,
    from: 284,
  },
  {
    what: "an observer counts its own pause as silence, and looks once",
    mode: "lease",
    weak: { watch: ImpatientWatch, takeover: ALWAYS_UNCHANGED, habits: HESITANT },
    seeds: 10,
    from: 640,
  },
  {
    what: "the epoch is listed anew after the decision",
    mode: "lease",
    weak: { decidesAnew: true },
    seeds: 10,
    from: 84,
  },
  {
    what: "an observer waits a third of the lease",
    mode: "lease",
    weak: { lease: (leaseMs) => ({ isSilent: (silentMs) => silentMs >= 0.35 * leaseMs }) },
    seeds: 10,
    from: 1880,
  },
  {
    what: "rates of clocks differ by 80 %",
    mode: "lease",
    weak: { drift: 0.8 },
    seeds: 10,
    from: 45,
  },
  {
    what: "a claimant opens over the fence that ended its claim",
    mode: "lease",
    weak: { shardBucket: HeedlessBucket, habits: STUCK },
    seeds: 30,
  },
  {
    what: "pauses that no clock counts",
    mode: "lease",
    weak: { pausesUncounted: true },
    seeds: 60,
  },
];
