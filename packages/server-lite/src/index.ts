// The face of @s2kit/server-lite: make a server, listen or embed it, close it. Rooms are private;
// tests of storage engines have a face of their own (./testing).

export type { QuotaLimits, QuotaSettings } from "./backend/quotas.js";
export type { ServerComponents } from "./components.js";
export type { TlsSettings } from "./http/certificate.js";
export type { CorsSettings } from "./http/cors.js";
export { createServer, type S2Server, type ServerAddress, type ServerStatus } from "./server.js";
export type { ServerSettings, StorageSettings } from "./settings.js";
export { type DirectoryInspection, inspectDirectory } from "./storage/disk/inspect-directory.js";
export type { DirectoryOptions } from "./storage/disk/survey.js";
export { type VerifyReport, verifyDirectory } from "./storage/disk/verify-directory.js";
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
