// Configurations in JSON: snake_case, kebab-case enum values, single-key objects as unions
// (`{"age":604800}`). Absent and null mean the same except in a patch.
// Spec: control-plane#json, control-plane#basins, control-plane#get-and-reconfigure-a-basin,
// control-plane#streams.

import {
  type BasinConfig,
  type BasinReconfiguration,
  type DeleteOnEmptyConfig,
  type ResolvedStreamConfig,
  type RetentionPolicy,
  STREAM_CIPHERS,
  type StorageClass,
  type StreamCipher,
  type StreamConfig,
  type StreamReconfiguration,
  storageClassRule,
  TIMESTAMPING_MODES,
  type TimestampingConfig,
  type TimestampingMode,
} from "../account/config.js";
import { isSafeU64 } from "../text/uint64.js";
import { badJson, boolean, nullable, object, oneOf, optional, string, uint64 } from "./shape.js";
import { retentionToJson, streamConfigToJson } from "./stream-config.js";

/** @throws {S2Error} `bad_json` */
export function streamConfigFromJson(json: unknown, field = "config"): StreamConfig {
  const config = object(json, field);
  return {
    storageClass: optional(config.storage_class, `${field}.storage_class`, storageClass),
    retentionPolicy: optional(config.retention_policy, `${field}.retention_policy`, retention),
    timestamping: optional(config.timestamping, `${field}.timestamping`, timestamping),
    deleteOnEmpty: optional(config.delete_on_empty, `${field}.delete_on_empty`, deleteOnEmpty),
  };
}

/** Fully populated, with explicit false and 0: what get-stream-config answers. */
export function resolvedStreamConfigToJson(config: ResolvedStreamConfig): unknown {
  return {
    storage_class: config.storageClass,
    retention_policy: retentionToJson(config.retentionPolicy),
    timestamping: { mode: config.timestamping.mode, uncapped: config.timestamping.uncapped },
    delete_on_empty: { min_age_secs: config.deleteOnEmpty.minAgeSecs },
  };
}

/** @throws {S2Error} `bad_json` */
export function streamReconfigurationFromJson(
  json: unknown,
  field = "body",
): StreamReconfiguration {
  const patch = object(json, field);
  return {
    storageClass: nullable(patch.storage_class, `${field}.storage_class`, storageClass),
    retentionPolicy: nullable(patch.retention_policy, `${field}.retention_policy`, retention),
    timestamping: nullable(patch.timestamping, `${field}.timestamping`, (value, at) => {
      const times = object(value, at);
      return {
        mode: nullable(times.mode, `${at}.mode`, timestampingMode),
        uncapped: nullable(times.uncapped, `${at}.uncapped`, boolean),
      };
    }),
    deleteOnEmpty: nullable(patch.delete_on_empty, `${field}.delete_on_empty`, (value, at) => ({
      minAgeSecs: nullable(object(value, at).min_age_secs, `${at}.min_age_secs`, seconds),
    })),
  };
}

/** Sends only what is set: undefined keys vanish in JSON, null and zero survive. */
export function streamReconfigurationToJson(patch: StreamReconfiguration): unknown {
  const { timestamping: times, deleteOnEmpty: empty, retentionPolicy: policy } = patch;
  return {
    storage_class: patch.storageClass,
    retention_policy: policy === null || policy === undefined ? policy : retentionToJson(policy),
    timestamping:
      times === null || times === undefined
        ? times
        : { mode: times.mode, uncapped: times.uncapped },
    delete_on_empty:
      empty === null || empty === undefined ? empty : { min_age_secs: empty.minAgeSecs },
  };
}

/** @throws {S2Error} `bad_json` */
export function basinConfigFromJson(json: unknown, field = "config"): BasinConfig {
  const config = object(json, field);
  const flag = (key: string): boolean => optional(config[key], `${field}.${key}`, boolean) ?? false;
  return {
    defaultStreamConfig: optional(
      config.default_stream_config,
      `${field}.default_stream_config`,
      streamConfigFromJson,
    ),
    streamCipher: optional(config.stream_cipher, `${field}.stream_cipher`, streamCipher),
    createStreamOnAppend: flag("create_stream_on_append"),
    createStreamOnRead: flag("create_stream_on_read"),
  };
}

/** The configuration of a basin in JSON; what is unset is null. */
export function basinConfigToJson(config: BasinConfig): unknown {
  return {
    default_stream_config: streamConfigToJson(config.defaultStreamConfig),
    stream_cipher: config.streamCipher ?? null,
    create_stream_on_append: config.createStreamOnAppend,
    create_stream_on_read: config.createStreamOnRead,
  };
}

/** @throws {S2Error} `bad_json` */
export function basinReconfigurationFromJson(json: unknown, field = "body"): BasinReconfiguration {
  const patch = object(json, field);
  return {
    defaultStreamConfig: nullable(
      patch.default_stream_config,
      `${field}.default_stream_config`,
      streamReconfigurationFromJson,
    ),
    streamCipher: nullable(patch.stream_cipher, `${field}.stream_cipher`, streamCipher),
    createStreamOnAppend: optional(
      patch.create_stream_on_append,
      `${field}.create_stream_on_append`,
      boolean,
    ),
    createStreamOnRead: optional(
      patch.create_stream_on_read,
      `${field}.create_stream_on_read`,
      boolean,
    ),
  };
}

/** A change of a basin in JSON: only what is set. */
export function basinReconfigurationToJson(patch: BasinReconfiguration): unknown {
  const streams = patch.defaultStreamConfig;
  return {
    default_stream_config:
      streams === null || streams === undefined ? streams : streamReconfigurationToJson(streams),
    stream_cipher: patch.streamCipher,
    create_stream_on_append: patch.createStreamOnAppend,
    create_stream_on_read: patch.createStreamOnRead,
  };
}

function retention(json: unknown, field: string): RetentionPolicy {
  const policy = object(json, field);
  const [key, ...others] = Object.keys(policy);
  if (others.length === 0 && key === "age") return { ageSecs: seconds(policy.age, `${field}.age`) };
  if (others.length === 0 && key === "infinite") {
    object(policy.infinite, `${field}.infinite`);
    return { infinite: {} };
  }
  throw badJson(`expected {"age": seconds} or {"infinite": {}} field=${field}`);
}

function timestamping(json: unknown, field: string): TimestampingConfig {
  const config = object(json, field);
  return {
    mode: optional(config.mode, `${field}.mode`, timestampingMode),
    uncapped: optional(config.uncapped, `${field}.uncapped`, boolean),
  };
}

/** An empty object means 0 explicitly, which differs from unset. */
function deleteOnEmpty(json: unknown, field: string): DeleteOnEmptyConfig {
  const config = object(json, field);
  return { minAgeSecs: optional(config.min_age_secs, `${field}.min_age_secs`, seconds) ?? 0 };
}

function storageClass(json: unknown, field: string): StorageClass {
  const text = string(json, field);
  const broken = storageClassRule(text);
  if (broken !== undefined) throw badJson(`${broken} field=${field}`);
  return text;
}

function timestampingMode(json: unknown, field: string): TimestampingMode {
  return oneOf(json, TIMESTAMPING_MODES, field);
}

function streamCipher(json: unknown, field: string): StreamCipher {
  return oneOf(json, STREAM_CIPHERS, field);
}

/** Seconds must round-trip, so what a number cannot hold is refused. */
function seconds(json: unknown, field: string): number {
  const value = uint64(json, field);
  if (isSafeU64(value)) return value;
  throw badJson(`must not exceed 2^53 - 1 field=${field}`);
}
