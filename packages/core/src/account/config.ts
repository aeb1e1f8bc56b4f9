// Configurations of streams and basins in three shapes: partial (what a caller set), resolved (what
// governs a stream) and patch (three-valued: absent keeps, null clears, a value sets). All merging
// is here and pure.
// Spec: control-plane#basins, control-plane#get-and-reconfigure-a-basin, control-plane#streams.

import { MAX_STORAGE_CLASS_BYTES } from "../caps.js";
import { S2Error } from "../error.js";
import { isWellFormed, utf8ByteLength } from "../text/utf8.js";

/** The classes that every location knows; a location may have others. */
export const STORAGE_CLASSES = ["standard", "express"] as const;

/**
 * Name of a storage class: an open set, of which each location has its own. At most
 * {@link MAX_STORAGE_CLASS_BYTES} bytes of UTF-8; kept and reported as it was given.
 */
export type StorageClass = (typeof STORAGE_CLASSES)[number] | (string & Record<never, never>);

/** The rule that a text breaks as the name of a storage class; undefined when it breaks none. */
export function storageClassRule(text: string): string | undefined {
  if (!isWellFormed(text)) return "a storage class must be well-formed Unicode";
  return utf8ByteLength(text) > MAX_STORAGE_CLASS_BYTES
    ? `a storage class must not exceed ${MAX_STORAGE_CLASS_BYTES} bytes`
    : undefined;
}

/** How records may get their times. */
export const TIMESTAMPING_MODES = ["client-prefer", "client-require", "arrival"] as const;
/** Whose time a record gets: the one its writer gives, or that of its arrival. */
export type TimestampingMode = (typeof TIMESTAMPING_MODES)[number];

/** How streams may be encrypted. */
export const STREAM_CIPHERS = ["aegis-256", "aes-256-gcm"] as const;
/** How a stream is encrypted. */
export type StreamCipher = (typeof STREAM_CIPHERS)[number];

/** How long records live: by age since they were written, or for ever. */
export type RetentionPolicy =
  | { readonly ageSecs: number }
  | { readonly infinite: Readonly<Record<string, never>> };

/** How records get their times. */
export interface TimestampingConfig {
  /** Default `client-prefer`. */
  readonly mode?: TimestampingMode | undefined;
  /** Whether client timestamps may lie ahead of arrival. Default false. */
  readonly uncapped?: boolean | undefined;
}

/** Whether an empty stream is deleted. */
export interface DeleteOnEmptyConfig {
  /** Delete the stream this long after it became empty; 0 (default) never does. */
  readonly minAgeSecs?: number | undefined;
}

/** What a caller set; every missing leaf is inherited. */
export interface StreamConfig {
  readonly storageClass?: StorageClass | undefined;
  readonly retentionPolicy?: RetentionPolicy | undefined;
  readonly timestamping?: TimestampingConfig | undefined;
  readonly deleteOnEmpty?: DeleteOnEmptyConfig | undefined;
}

/** The configuration in force: every leaf present. */
export interface ResolvedStreamConfig {
  readonly storageClass: StorageClass;
  readonly retentionPolicy: RetentionPolicy;
  readonly timestamping: { readonly mode: TimestampingMode; readonly uncapped: boolean };
  readonly deleteOnEmpty: { readonly minAgeSecs: number };
}

/** The configuration of a basin: what its new streams get, and when they are created. */
export interface BasinConfig {
  /** For leaves that a new stream leaves unset. */
  readonly defaultStreamConfig?: StreamConfig | undefined;
  /** Cipher of streams that are created from now on. */
  readonly streamCipher?: StreamCipher | undefined;
  readonly createStreamOnAppend: boolean;
  readonly createStreamOnRead: boolean;
}

/** Absent keeps, null goes back to the inherited value, a value sets. */
export interface StreamReconfiguration {
  readonly storageClass?: StorageClass | null | undefined;
  readonly retentionPolicy?: RetentionPolicy | null | undefined;
  readonly timestamping?:
    | {
        readonly mode?: TimestampingMode | null | undefined;
        readonly uncapped?: boolean | null | undefined;
      }
    | null
    | undefined;
  readonly deleteOnEmpty?: { readonly minAgeSecs?: number | null | undefined } | null | undefined;
}

/** A change of a basin: absent keeps, null clears, a value sets. */
export interface BasinReconfiguration {
  readonly defaultStreamConfig?: StreamReconfiguration | null | undefined;
  readonly streamCipher?: StreamCipher | null | undefined;
  readonly createStreamOnAppend?: boolean | undefined;
  readonly createStreamOnRead?: boolean | undefined;
}

/** What a stream gets when neither caller nor basin says anything: 7 days, express. */
export const DEFAULT_STREAM_CONFIG: ResolvedStreamConfig = /* @__PURE__ */ Object.freeze({
  storageClass: "express",
  retentionPolicy: /* @__PURE__ */ Object.freeze({ ageSecs: 604_800 }),
  timestamping: /* @__PURE__ */ Object.freeze({ mode: "client-prefer", uncapped: false }),
  deleteOnEmpty: /* @__PURE__ */ Object.freeze({ minAgeSecs: 0 }),
});

/** What a basin has when nothing is said. */
export const DEFAULT_BASIN_CONFIG: BasinConfig = /* @__PURE__ */ Object.freeze({
  createStreamOnAppend: false,
  createStreamOnRead: false,
});

/** Each leaf: requested, else the basin's default, else the system's. */
export function resolveStreamConfig(
  requested: StreamConfig = {},
  basinDefault: StreamConfig = {},
): ResolvedStreamConfig {
  const { timestamping: mine = {}, deleteOnEmpty: mineEmpty = {} } = requested;
  const { timestamping: theirs = {}, deleteOnEmpty: theirsEmpty = {} } = basinDefault;
  const system = DEFAULT_STREAM_CONFIG;
  return {
    storageClass: requested.storageClass ?? basinDefault.storageClass ?? system.storageClass,
    retentionPolicy:
      requested.retentionPolicy ?? basinDefault.retentionPolicy ?? system.retentionPolicy,
    timestamping: {
      mode: mine.mode ?? theirs.mode ?? system.timestamping.mode,
      uncapped: mine.uncapped ?? theirs.uncapped ?? system.timestamping.uncapped,
    },
    deleteOnEmpty: {
      minAgeSecs: mineEmpty.minAgeSecs ?? theirsEmpty.minAgeSecs ?? system.deleteOnEmpty.minAgeSecs,
    },
  };
}

/** Lays a patch over a configuration; cleared leaves become unset. */
export function patchStreamConfig(
  config: StreamConfig,
  patch: StreamReconfiguration,
): StreamConfig {
  return {
    storageClass: patched(config.storageClass, patch.storageClass),
    retentionPolicy: patched(config.retentionPolicy, patch.retentionPolicy),
    timestamping: patchTimestamping(config.timestamping, patch.timestamping),
    deleteOnEmpty: patchDeleteOnEmpty(config.deleteOnEmpty, patch.deleteOnEmpty),
  };
}

/** Lays a patch over the configuration of a basin. */
export function patchBasinConfig(config: BasinConfig, patch: BasinReconfiguration): BasinConfig {
  const streams = patch.defaultStreamConfig;
  return {
    defaultStreamConfig:
      streams === null
        ? undefined
        : streams === undefined
          ? config.defaultStreamConfig
          : patchStreamConfig(config.defaultStreamConfig ?? {}, streams),
    streamCipher: patched(config.streamCipher, patch.streamCipher),
    createStreamOnAppend: patch.createStreamOnAppend ?? config.createStreamOnAppend,
    createStreamOnRead: patch.createStreamOnRead ?? config.createStreamOnRead,
  };
}

/** @throws {S2Error} `invalid` for a retention age of 0 */
export function checkStreamConfig(config: StreamConfig | StreamReconfiguration): void {
  const policy = config.retentionPolicy;
  if (policy !== undefined && policy !== null && "ageSecs" in policy && policy.ageSecs === 0)
    throw new S2Error({ code: "invalid", message: "age must be greater than 0 seconds" });
}

/** True when both resolve to the same leaves. */
export function isSameStreamConfig(a: ResolvedStreamConfig, b: ResolvedStreamConfig): boolean {
  return (
    a.storageClass === b.storageClass &&
    isSameRetention(a.retentionPolicy, b.retentionPolicy) &&
    a.timestamping.mode === b.timestamping.mode &&
    a.timestamping.uncapped === b.timestamping.uncapped &&
    a.deleteOnEmpty.minAgeSecs === b.deleteOnEmpty.minAgeSecs
  );
}

function isSameRetention(a: RetentionPolicy, b: RetentionPolicy): boolean {
  const ageOf = (policy: RetentionPolicy): number =>
    "ageSecs" in policy ? policy.ageSecs : Number.POSITIVE_INFINITY;
  return ageOf(a) === ageOf(b);
}

function patchTimestamping(
  config: TimestampingConfig | undefined,
  patch: StreamReconfiguration["timestamping"],
): TimestampingConfig | undefined {
  if (patch === undefined) return config;
  if (patch === null) return undefined;
  return {
    mode: patched(config?.mode, patch.mode),
    uncapped: patched(config?.uncapped, patch.uncapped),
  };
}

function patchDeleteOnEmpty(
  config: DeleteOnEmptyConfig | undefined,
  patch: StreamReconfiguration["deleteOnEmpty"],
): DeleteOnEmptyConfig | undefined {
  if (patch === undefined) return config;
  if (patch === null) return undefined;
  return { minAgeSecs: patched(config?.minAgeSecs, patch.minAgeSecs) };
}

function patched<T>(value: T | undefined, patch: T | null | undefined): T | undefined {
  return patch === undefined ? value : (patch ?? undefined);
}
