// A disk store on a faulty disk, with its state double: opened, restarted and copied by tests.

import { seededRandom } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import type { DiskStorageOptions } from "../../../src/storage/disk/engine/disk-options.js";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { DirectoryOptions } from "../../../src/storage/disk/inspect/survey.js";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../src/storage/disk/state/memory-state-store.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";

export const STORE = "/store";

export class SimulatedStore {
  readonly disk: FaultyDisk;
  readonly medium: MemoryStateMedium;
  readonly clock: SimulatedClock = createSimulatedClock(1_000_000);

  constructor(
    disk: FaultyDisk = new FaultyDisk({ random: seededRandom(1) }),
    medium?: MemoryStateMedium,
  ) {
    this.disk = disk;
    this.medium = medium ?? new MemoryStateMedium();
  }

  open(options: Partial<DiskStorageOptions> = {}): Promise<DiskEngine> {
    return openDiskStorage({
      directory: STORE,
      clock: this.clock,
      random: seededRandom(5),
      disk: this.disk.mount(),
      openState: () => openMemoryStateStore(this.medium),
      segmentBytes: 64 * 1024,
      allowsSmallSegments: true,
      cacheBytes: 0,
      maintenance: "manual",
      ...options,
    });
  }

  /** For `verify` and `inspect`. */
  get directory(): DirectoryOptions {
    return {
      directory: STORE,
      disk: this.disk.mount(),
      openState: () => openMemoryStateStore(this.medium),
    };
  }

  /** The process dies; the medium keeps what it must. */
  restart(kind: "kill" | "power"): void {
    this.medium.crash(0);
    this.disk.restart(kind);
  }

  clone(): SimulatedStore {
    const medium = new MemoryStateMedium();
    for (const [key, value] of this.medium.entries.from("")) medium.entries.set(key, value);
    return new SimulatedStore(this.disk.clone(seededRandom(1)), medium);
  }
}
