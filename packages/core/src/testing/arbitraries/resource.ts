// Arbitrary names, configurations, tokens and metrics: what the control plane speaks of. Each value
// is legal for its type; sets, patches and optional leaves take all of their forms.

import fc from "fast-check";
import type {
  AccessTokenInfo,
  AccessTokenScope,
  IssueAccessTokenRequest,
  OperationGroups,
  ReadWrite,
} from "../../account/access.js";
import {
  type BasinConfig,
  type BasinReconfiguration,
  type ResolvedStreamConfig,
  type RetentionPolicy,
  resolveStreamConfig,
  STORAGE_CLASSES,
  STREAM_CIPHERS,
  type StorageClass,
  type StreamConfig,
  type StreamReconfiguration,
  storageClassRule,
  TIMESTAMPING_MODES,
} from "../../account/config.js";
import type { LocationInfo } from "../../account/locations.js";
import {
  METRIC_INTERVALS,
  METRIC_UNITS,
  type Metric,
  type MetricLevel,
  type MetricsQuery,
  metricSetsOf,
} from "../../account/metrics.js";
import type { ResourceSet } from "../../account/resource-set.js";
import type { BasinInfo, Page, StreamInfo } from "../../account/resources.js";
import { OPERATIONS } from "../../paths.js";
import { formatRfc3339 } from "../../text/rfc3339.js";
import { anyAccessTokenId, anyBasinName, anyLocationName, anyStreamName } from "./names.js";
import { maybe, patch } from "./optional.js";
import { anyText, anyU64 } from "./record.js";

/** A time with ms, in UTC. */
export function anyRfc3339(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 4_102_444_800_000 }).map(formatRfc3339);
}

/** Any retention. */
export function anyRetentionPolicy(): fc.Arbitrary<RetentionPolicy> {
  const age = anyU64().map((secs) => ({ ageSecs: Math.max(secs, 1) }));
  return fc.oneof(age, fc.constant({ infinite: {} }));
}

/** One that every location knows, or any other name. */
export function anyStorageClass(): fc.Arbitrary<StorageClass> {
  const text = fc.string({ unit: "grapheme", maxLength: 64 });
  const other = text.filter((name) => storageClassRule(name) === undefined);
  return fc.oneof(fc.constantFrom<StorageClass>(...STORAGE_CLASSES), other);
}

/** Any subset of leaves, as a caller may set them. */
export function anyStreamConfig(): fc.Arbitrary<StreamConfig> {
  return fc.record({
    storageClass: maybe(anyStorageClass()),
    retentionPolicy: maybe(anyRetentionPolicy()),
    timestamping: maybe(
      fc.record({
        mode: maybe(fc.constantFrom(...TIMESTAMPING_MODES)),
        uncapped: maybe(fc.boolean()),
      }),
    ),
    deleteOnEmpty: maybe(fc.record({ minAgeSecs: maybe(anyU64()) })),
  });
}

/** Any configuration in force. */
export function anyResolvedStreamConfig(): fc.Arbitrary<ResolvedStreamConfig> {
  return anyStreamConfig().map((config) => resolveStreamConfig(config));
}

/** Every leaf absent, null or set. */
export function anyStreamReconfiguration(): fc.Arbitrary<StreamReconfiguration> {
  return fc.record({
    storageClass: patch(anyStorageClass()),
    retentionPolicy: patch(anyRetentionPolicy()),
    timestamping: patch(
      fc.record({
        mode: patch(fc.constantFrom(...TIMESTAMPING_MODES)),
        uncapped: patch(fc.boolean()),
      }),
    ),
    deleteOnEmpty: patch(fc.record({ minAgeSecs: patch(anyU64()) })),
  });
}

/** Any configuration of a basin. */
export function anyBasinConfig(): fc.Arbitrary<BasinConfig> {
  return fc.record({
    defaultStreamConfig: maybe(anyStreamConfig()),
    streamCipher: maybe(fc.constantFrom(...STREAM_CIPHERS)),
    createStreamOnAppend: fc.boolean(),
    createStreamOnRead: fc.boolean(),
  });
}

/** Any change of a basin. */
export function anyBasinReconfiguration(): fc.Arbitrary<BasinReconfiguration> {
  return fc.record({
    defaultStreamConfig: patch(anyStreamReconfiguration()),
    streamCipher: patch(fc.constantFrom(...STREAM_CIPHERS)),
    createStreamOnAppend: maybe(fc.boolean()),
    createStreamOnRead: maybe(fc.boolean()),
  });
}

/** Any basin. */
export function anyBasinInfo(): fc.Arbitrary<BasinInfo> {
  return fc.record({
    name: anyBasinName(),
    location: maybe(anyLocationName()),
    createdAt: anyRfc3339(),
    deletedAt: maybe(anyRfc3339()),
  });
}

/** Any stream. */
export function anyStreamInfo(): fc.Arbitrary<StreamInfo> {
  return fc.record({
    name: anyStreamName(),
    createdAt: anyRfc3339(),
    deletedAt: maybe(anyRfc3339()),
    cipher: maybe(fc.constantFrom(...STREAM_CIPHERS)),
  });
}

/** Any page of items. */
export function anyPage<T>(item: fc.Arbitrary<T>): fc.Arbitrary<Page<T>> {
  return fc.record({ items: fc.array(item, { maxLength: 5 }), hasMore: fc.boolean() });
}

/** A set of names made by `name`; exact, prefix, all or none. */
export function anyResourceSet(name: fc.Arbitrary<string>): fc.Arbitrary<ResourceSet> {
  const part = fc.tuple(name, fc.nat({ max: 8 })).map(([text, length]) => {
    const prefix = Array.from(text).slice(0, length).join("");
    return { prefix };
  });
  const none = fc.constant({ exact: "" });
  return fc.oneof(
    name.map((exact) => ({ exact })),
    part,
    none,
  );
}

/** Any scope. */
export function anyAccessTokenScope(): fc.Arbitrary<AccessTokenScope> {
  return fc.record({
    basins: maybe(anyResourceSet(anyBasinName())),
    streams: maybe(anyResourceSet(anyStreamName())),
    accessTokens: maybe(anyResourceSet(anyAccessTokenId())),
    opGroups: maybe(anyOperationGroups()),
    ops: maybe(fc.subarray([...OPERATIONS])),
  });
}

/** Any token to issue. */
export function anyIssueAccessTokenRequest(): fc.Arbitrary<IssueAccessTokenRequest> {
  return fc.record({
    id: anyAccessTokenId(),
    expiresAt: maybe(anyRfc3339()),
    autoPrefixStreams: maybe(fc.boolean()),
    scope: anyAccessTokenScope(),
  });
}

/** Any token. */
export function anyAccessTokenInfo(): fc.Arbitrary<AccessTokenInfo> {
  return fc.record({
    id: anyAccessTokenId(),
    expiresAt: maybe(anyRfc3339()),
    autoPrefixStreams: fc.boolean(),
    scope: anyAccessTokenScope(),
  });
}

/** Any location. */
export function anyLocationInfo(): fc.Arbitrary<LocationInfo> {
  const told = { storageClasses: maybe(fc.array(anyStorageClass(), { maxLength: 3 })) };
  return fc.record({ name: anyLocationName(), isPrivate: fc.boolean(), ...told });
}

/** Any metric. */
export function anyMetric(): fc.Arbitrary<Metric> {
  const name = anyText();
  const unit = fc.constantFrom(...METRIC_UNITS);
  const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
  const values = fc.array(fc.tuple(fc.nat(), value), { maxLength: 5 });
  return fc.oneof(
    fc.record({ kind: fc.constant("scalar" as const), name, unit, value }),
    fc.record({
      kind: fc.constant("accumulation" as const),
      name,
      unit,
      interval: fc.constantFrom(...METRIC_INTERVALS),
      values,
    }),
    fc.record({ kind: fc.constant("gauge" as const), name, unit, values }),
    fc.record({ kind: fc.constant("label" as const), name, values: fc.array(name) }),
  );
}

/** Any question for metrics. */
export function anyMetricsQuery(level: MetricLevel): fc.Arbitrary<MetricsQuery> {
  return fc.record({
    set: fc.constantFrom(...metricSetsOf(level)),
    startSecs: maybe(fc.nat()),
    endSecs: maybe(fc.nat()),
    interval: maybe(fc.constantFrom(...METRIC_INTERVALS)),
  });
}

function anyOperationGroups(): fc.Arbitrary<OperationGroups> {
  const flags: fc.Arbitrary<ReadWrite> = fc.record({
    read: maybe(fc.boolean()),
    write: maybe(fc.boolean()),
  });
  return fc.record({ account: maybe(flags), basin: maybe(flags), stream: maybe(flags) });
}
