// What the object engine may be told when it is opened, and what holds when it is told nothing.
// Resolved once, at the door: the rooms behind it get settings without gaps.

import { type Clock, type Random, systemRandom } from "@s2kit/core";
import type { StateStore } from "../../log/state-store.js";
import { type CacheRoom, UNSHARED_ROOM } from "../../reading/cache-room.js";
import type { StorageGauge } from "../../storage.js";
import type { ObjectStore } from "../client/object-store.js";

export interface ObjectStorageOptions {
  /** The bucket, below the prefix of the store. */
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Default: the system's. Makes incarnations, nonces and, once, the key of the store. */
  readonly random?: Random;
  /** Name of this node: letters, digits and hyphens. Default: local */
  readonly node?: string;
  /** Number of shards of the store. Default: as it is; of a new one 1 */
  readonly shards?: number | undefined;
  /** The one that is opened. Default: 0 */
  readonly shard?: number;
  /** Opens an empty state store that need not outlive the process. */
  readonly openState: () => StateStore | Promise<StateStore>;
  /** For tests: claims this epoch, and burns those below it. Default: the next one */
  readonly ownerEpoch?: number;
  /** Groups on their way at once, 1 to 8. Default: 4 */
  readonly window?: number;
  /** Ms that a group gathers while others are on their way. Default: 25 */
  readonly lingerMs?: number;
  /** Largest group that is gathered. Default: 4 MiB */
  readonly groupBytes?: number;
  /** Ms that a group is repeated for before the shard fails. Default: 60 000 */
  readonly giveUpMs?: number;
  /** First and longest wait between two attempts, ms. Default: 50 and 2000 */
  readonly firstWaitMs?: number;
  readonly maxWaitMs?: number;
  /** Budget of the newest part of the log in memory. Default: 64 MiB */
  readonly cacheBytes?: number;
  /** Budget of extents that were read last. Default: 64 MiB */
  readonly extentCacheBytes?: number;
  /** What there is for these extents, beside their budget. Default: that budget alone */
  readonly cacheRoom?: CacheRoom;
  /** The log is rewritten when it has so many bytes or objects, 2 or more. Default: 64 MiB, 1000 */
  readonly logBytes?: number;
  readonly logSlots?: number;
  /** A data object of so many bytes is full. Default: 32 MiB */
  readonly dataBytes?: number;
  /** Manual: only when a test calls `engine.maintain()`. Default: automatic */
  readonly maintenance?: "automatic" | "manual";
  /** Bytes that may wait for the bucket before commits are refused. Default: 64 MiB */
  readonly maxQueuedBytes?: number;
  /** A close without progress fails the commits that wait after this, ms. Default: 2500 */
  readonly closeGraceMs?: number;
  /** Of the client of the bucket, for the metrics page. Default: none */
  readonly gauges?: readonly StorageGauge[];
}

export type ObjectSettings = Required<Omit<ObjectStorageOptions, "ownerEpoch" | "shards">> &
  Record<"ownerEpoch" | "shards", number | undefined>;

const MIB = 1024 * 1024;

export function resolveObjectOptions(options: ObjectStorageOptions): ObjectSettings {
  return {
    store: options.store,
    clock: options.clock,
    random: options.random ?? systemRandom,
    node: options.node ?? "local",
    shards: options.shards,
    shard: options.shard ?? 0,
    openState: options.openState,
    ownerEpoch: options.ownerEpoch,
    window: options.window ?? 4,
    lingerMs: options.lingerMs ?? 25,
    groupBytes: options.groupBytes ?? 4 * MIB,
    giveUpMs: options.giveUpMs ?? 60_000,
    firstWaitMs: options.firstWaitMs ?? 50,
    maxWaitMs: options.maxWaitMs ?? 2000,
    cacheBytes: options.cacheBytes ?? 64 * MIB,
    extentCacheBytes: options.extentCacheBytes ?? 64 * MIB,
    cacheRoom: options.cacheRoom ?? UNSHARED_ROOM,
    logBytes: options.logBytes ?? 64 * MIB,
    // The switch behind a rewrite is one: it alone must not be worth the next.
    logSlots: Math.max(options.logSlots ?? 1000, 2),
    dataBytes: options.dataBytes ?? 32 * MIB,
    maintenance: options.maintenance ?? "automatic",
    maxQueuedBytes: options.maxQueuedBytes ?? 64 * MIB,
    closeGraceMs: options.closeGraceMs ?? 2500,
    gauges: options.gauges ?? [],
  };
}

/** The smallest tail cache: the open group and the one on its way. */
const MIN_CACHE_BYTES: number = 8 * MIB;

/** What one of several shards gets, of what was meant for all. */
export function shareOf(settings: ObjectSettings, shard: number, shards: number): ObjectSettings {
  if (shards === 1) return { ...settings, shard };
  return {
    ...settings,
    shard,
    cacheBytes: Math.max(MIN_CACHE_BYTES, Math.floor(settings.cacheBytes / shards)),
    extentCacheBytes: Math.floor(settings.extentCacheBytes / shards),
  };
}
