// What the disk engine may be told when it is opened, and what holds when it is told nothing.
// Resolved once, at the door: the rooms behind it get settings without gaps.

import {
  assert,
  type Clock,
  MAX_BATCH_METERED_BYTES,
  type Random,
  systemRandom,
} from "@s2kit/core";
import { storageError } from "../../durability.js";
import { SECTOR_BYTES } from "../../log/group.js";
import { GroupBuilder } from "../../log/group-builder.js";
import { MAX_APPEND_ROWS } from "../../log/mutation-rows.js";
import type { StateStore } from "../../log/state-store.js";
import type { LogWrite } from "../log/log-writer.js";
import type { Disk, WatchedLock } from "../medium/disk.js";
import { realDisk } from "../medium/real-disk.js";
import type { UpgradeProgress } from "../state/upgrade-state.js";
import { type EngineRules, STRICT_RULES } from "./engine-rules.js";

export interface DiskStorageOptions {
  /** Made when it does not exist. */
  readonly directory: string;
  readonly clock: Clock;
  /** Default: the system's. Makes the store's key, once. */
  readonly random?: Random;
  /** Default: the operating system's. */
  readonly disk?: Disk;
  /**
   * Takes the directory of a holder that is not proven to live: see `--take-over`. Default: false
   */
  readonly takesOver?: boolean | undefined;
  /**
   * Hears that the holder of the directory is on another machine, and is watched for some seconds.
   */
  readonly onWatch?: ((lock: WatchedLock) => void) | undefined;
  /** A close without progress fails the commits that wait after this, ms. Default: 2500 */
  readonly closeGraceMs?: number;
  /** Default: one above the last owner's. */
  readonly ownerEpoch?: number;
  /**
   * Size of a log segment: whole sectors, at least 4 MiB, so that it holds any commit. Default: 64
   * MiB
   */
  readonly segmentBytes?: number;
  /** For tests: smaller segments, which refuse large commits. */
  readonly allowsSmallSegments?: boolean;
  /** Empty log segments kept for later, so that none has to be filled first. Default: 8 */
  readonly maxFreeSegments?: number;
  /** Budget of the tail cache. Default: 64 MiB */
  readonly cacheBytes?: number;
  /** Bytes that may wait for the disk before commits are refused. Default: 256 MiB */
  readonly maxQueuedBytes?: number;
  /** Opens the state store in a directory. Default: LMDB */
  readonly openState?: (directory: string) => StateStore | Promise<StateStore>;
  /** Hears how far the upgrade of a directory of an older format is. */
  readonly onUpgrade?: (progress: UpgradeProgress) => void;
  /** For tests: entries of the state that are upgraded in one transaction. Default: 2048 */
  readonly upgradeSliceEntries?: number;
  /** Manual: only when a test calls `engine.maintain()`. Default: automatic */
  readonly maintenance?: "automatic" | "manual";
  /** For benchmarks. Default: adaptive */
  readonly writes?: "adaptive" | "inline" | "pool";
  /** For tests with pool writes: bytes that go to the disk before the turn ends. Default: 64 KiB */
  readonly eagerBytes?: number;
  /** Hears of each write to the log, once the disk has it; must be cheap. */
  readonly onWritten?: ((write: LogWrite) => void) | undefined;
  /** Opens a socket in the directory for who copies it meanwhile. Default: false */
  readonly lendsSnapshots?: boolean | undefined;
  /** For tests: weaker ones, which they must find. Default: the strict ones */
  readonly rules?: EngineRules;
}

/** The options with every default filled in, and the folders of the directory. */
export interface DiskSettings {
  readonly directory: string;
  readonly logDirectory: string;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly takesOver: boolean;
  readonly onWatch: DiskStorageOptions["onWatch"];
  readonly closeGraceMs: number;
  /** Undefined: one above the last owner's. */
  readonly ownerEpoch: number | undefined;
  readonly segmentBytes: number;
  readonly maxFreeSegments: number;
  readonly cacheBytes: number;
  readonly maxQueuedBytes: number;
  /** Undefined: LMDB. */
  readonly openState: DiskStorageOptions["openState"];
  readonly onUpgrade: DiskStorageOptions["onUpgrade"];
  readonly upgradeSliceEntries: number | undefined;
  readonly isMaintained: boolean;
  readonly writes: "adaptive" | "inline" | "pool";
  readonly eagerBytes: number | undefined;
  readonly onWritten: DiskStorageOptions["onWritten"];
  readonly lendsSnapshots: boolean;
  readonly rules: EngineRules;
}

const MIB = 1024 * 1024;
/** Holds the largest append, several times. */
const MIN_SEGMENT_BYTES = 4 * MIB;
const MIN_TEST_SEGMENT_BYTES = 16 * SECTOR_BYTES;
assert(
  GroupBuilder.maxPayloadBytes(MIN_SEGMENT_BYTES, MAX_APPEND_ROWS) > MAX_BATCH_METERED_BYTES,
  "every segment holds the largest append",
);

/**
 * @throws {S2Error} `storage` for a machine or a size of segments that the format does not allow
 */
export function resolveDiskOptions(options: DiskStorageOptions): DiskSettings {
  const { directory, segmentBytes = 64 * MIB } = options;
  requireSupport(segmentBytes, options.allowsSmallSegments === true);
  return {
    directory,
    logDirectory: `${directory}/wal`,
    dataDirectory: `${directory}/segments`,
    clock: options.clock,
    random: options.random ?? systemRandom,
    disk: options.disk ?? realDisk,
    takesOver: options.takesOver ?? false,
    onWatch: options.onWatch,
    closeGraceMs: options.closeGraceMs ?? 2500,
    ownerEpoch: options.ownerEpoch,
    segmentBytes,
    // As many as a burst may use before it is slowed down: new ones would have to be filled first.
    maxFreeSegments: options.maxFreeSegments ?? 8,
    cacheBytes: options.cacheBytes ?? 64 * MIB,
    maxQueuedBytes: options.maxQueuedBytes ?? 256 * MIB,
    openState: options.openState,
    onUpgrade: options.onUpgrade,
    upgradeSliceEntries: options.upgradeSliceEntries,
    isMaintained: options.maintenance !== "manual",
    writes: options.writes ?? "adaptive",
    eagerBytes: options.eagerBytes,
    onWritten: options.onWritten,
    lendsSnapshots: options.lendsSnapshots ?? false,
    rules: options.rules ?? STRICT_RULES,
  };
}

function requireSupport(segmentBytes: number, allowsSmall: boolean): void {
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1)
    throw storageError("the disk engine needs a little-endian machine");
  const least = allowsSmall ? MIN_TEST_SEGMENT_BYTES : MIN_SEGMENT_BYTES;
  if (segmentBytes < least || segmentBytes % SECTOR_BYTES !== 0)
    throw storageError(
      `log segments are whole sectors of ${SECTOR_BYTES} bytes, at least ${least} segmentBytes=${segmentBytes}`,
    );
}
