// The face of @s2kit/server-lite: make a server, listen or embed it, close it. Rooms are private;
// tests of storage engines have a face of their own (./testing).

export type { QuotaLimits, QuotaSettings } from "./backend/access/quotas.js";
export type { BucketPlace } from "./bucket-place.js";
export type { ServerComponents } from "./components.js";
export { type CopyStoreOptions, copyStore, type StorePlace } from "./copy-stores.js";
export type { CorsSettings } from "./exchange/cors.js";
export type { TlsSettings } from "./http/certificate.js";
export { inspectBucket, verifyBucket } from "./look-into-bucket.js";
export type { S2Server, ServerAddress, ServerStatus } from "./s2-server.js";
export { createServer } from "./server.js";
export type { ClusterSettings, ServerSettings, StorageSettings } from "./settings.js";
export type { CopyProgress } from "./storage/copy/copied-store.js";
export type { StoreCopy } from "./storage/copy/copy-store.js";
export { type BackupCheck, verifyBackup } from "./storage/disk/backup/check-backup.js";
export { BACKUP_FILE } from "./storage/disk/backup/manifest.js";
export {
  type RestoreOptions,
  type RestoreReport,
  restoreBackup,
} from "./storage/disk/backup/restore-backup.js";
export {
  type BackupOptions,
  type BackupProgress,
  type BackupReport,
  takeBackup,
} from "./storage/disk/backup/take-backup.js";
export {
  type DirectoryInspection,
  inspectDirectory,
} from "./storage/disk/inspect/inspect-directory.js";
export type { DirectoryOptions } from "./storage/disk/inspect/survey.js";
export { type VerifyReport, verifyDirectory } from "./storage/disk/inspect/verify-directory.js";
export type { StoreInspection } from "./storage/object/inspect/inspect-store.js";
export type { StoreReport } from "./storage/object/inspect/verify-store.js";
export type {
  AppendMutation,
  Commit,
  LogPosition,
  MetaEntry,
  MetaScan,
  Mutation,
  ReadLimits,
  Storage,
  StorageStatus,
  StoredBatch,
  StreamId,
  StreamState,
} from "./storage/storage.js";
export { createLineSink, type LineSink } from "./telemetry/line-sink.js";
export { createLogger, type LoggerOptions, type LogLevel } from "./telemetry/logger.js";
export type { CountingLogger, ServerLogger } from "./telemetry/server-logger.js";
export type { ObservedRequest, ServerObserver } from "./telemetry/server-observer.js";
