// The face of server-lite for simulations, which run without vitest: engines on media that survive
// them, a disk that crashes, and the ledger of a server. Nothing here may be imported by code that
// ships.

export {
  type DiskEngine,
  openDiskStorage,
} from "../storage/disk/engine/open-disk-storage.js";
export { verifyDirectory } from "../storage/disk/inspect/verify-directory.js";
export type { Disk, WatchedLock } from "../storage/disk/medium/disk.js";
export {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../storage/disk/state/memory-state-store.js";
export {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
} from "../storage/memory/memory.js";
export type { LogPosition, MetaEntry, Storage, StreamId } from "../storage/storage.js";
export { SimulatedCrash } from "./crash-points.js";
export { FaultyDisk } from "./faulty-disk.js";
export { openThings } from "./ledger.js";
