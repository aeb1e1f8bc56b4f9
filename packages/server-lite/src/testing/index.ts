// The face of server-lite for tests of others: the compliance suite of storage engines and what it
// takes to feed one. Needs vitest beside it.

export { type AppendSource, appendOf, linesOf, sequencedBatch } from "./append-source.js";
export { describeStorage, type StorageSubject } from "./storage-compliance.js";
