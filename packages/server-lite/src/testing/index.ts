// The face of server-lite for tests of others: the compliance suite of storage engines, what it
// takes to feed one, the disk that crashes, and the ledger of a server. Needs vitest beside it.

export type { AppendMutation, StoredBatch, StreamId } from "../storage/storage.js";
export { type AppendSource, appendOf, linesOf, sequencedBatch } from "./append-source.js";
export type { StorageSubject } from "./compliance/bench.js";
export { SimulatedCrash } from "./crash-points.js";
export { FaultyDisk, type FaultyDiskOptions, type PlantedDiskBugs } from "./faulty-disk.js";
export { type CountedClock, countTimers, openFilesBelow, openThings } from "./ledger.js";
export { describeStorage } from "./storage-compliance.js";
