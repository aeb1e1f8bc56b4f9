// The control face of @s2kit/core: basins, streams, access tokens, metrics and locations, their
// rules and their JSON in both directions. Spec: control-plane.

export {
  type AccessTokenInfo,
  type AccessTokenScope,
  addAutoPrefix,
  autoPrefixOf,
  checkIssueRequest,
  effectiveOperations,
  escalationOf,
  FULL_ACCESS,
  grantedGroups,
  groupsOf,
  type IssueAccessTokenRequest,
  type IssuingToken,
  OPERATION_GROUPS,
  type OperationGroup,
  type OperationGroups,
  type ReadWrite,
  stripAutoPrefix,
  withinIssuerPrefix,
} from "./account/access.js";
export {
  type BasinConfig,
  type BasinReconfiguration,
  checkStreamConfig,
  DEFAULT_BASIN_CONFIG,
  DEFAULT_STREAM_CONFIG,
  type DeleteOnEmptyConfig,
  isSameStreamConfig,
  patchBasinConfig,
  patchStreamConfig,
  type ResolvedStreamConfig,
  type RetentionPolicy,
  resolveStreamConfig,
  STORAGE_CLASSES,
  STREAM_CIPHERS,
  type StorageClass,
  type StreamCipher,
  type StreamConfig,
  type StreamReconfiguration,
  storageClassRule,
  TIMESTAMPING_MODES,
  type TimestampingConfig,
  type TimestampingMode,
} from "./account/config.js";
export type { LocationInfo } from "./account/locations.js";
export {
  ACCOUNT_METRIC_SETS,
  type AccountMetricSet,
  BASIN_METRIC_SETS,
  type BasinMetricSet,
  METRIC_INTERVAL_SECS,
  METRIC_INTERVALS,
  METRIC_UNITS,
  type Metric,
  type MetricInterval,
  type MetricLevel,
  type MetricPoint,
  type MetricSet,
  type MetricSetRule,
  type MetricsQuery,
  type MetricUnit,
  metricSetRule,
  metricSetsOf,
  type ResolvedMetricsQuery,
  resolveMetricsQuery,
  STREAM_METRIC_SETS,
  type StreamMetricSet,
} from "./account/metrics.js";
export {
  containsResource,
  isEmptyResourceSet,
  isResourceSubset,
  type ResourceSet,
} from "./account/resource-set.js";
export {
  type BasinInfo,
  type ListQuery,
  type Page,
  PROVISION_RESULTS,
  type ProvisionResult,
  type StreamInfo,
} from "./account/resources.js";
export {
  accessTokenInfoFromJson,
  accessTokenInfoToJson,
  accessTokenScopeFromJson,
  accessTokenScopeToJson,
  issueAccessTokenRequestFromJson,
  issueAccessTokenRequestToJson,
  issuedAccessTokenFromJson,
  issuedAccessTokenToJson,
} from "./json/access.js";
export {
  basinConfigFromJson,
  basinConfigToJson,
  basinReconfigurationFromJson,
  basinReconfigurationToJson,
  resolvedStreamConfigToJson,
  streamConfigFromJson,
  streamReconfigurationFromJson,
  streamReconfigurationToJson,
} from "./json/config.js";
export {
  locationInfoFromJson,
  locationInfoToJson,
  locationNameFromJson,
  locationsFromJson,
  locationsToJson,
} from "./json/locations.js";
export {
  formatMetricsQuery,
  metricsFromJson,
  metricsToJson,
  parseMetricsQuery,
} from "./json/metrics.js";
export {
  type ReadTicket,
  type ReadTicketRequest,
  readTicketFromJson,
  readTicketRequestFromJson,
  readTicketRequestToJson,
  readTicketToJson,
} from "./json/read-ticket.js";
export {
  basinInfoFromJson,
  basinInfoToJson,
  pageFromJson,
  pageToJson,
  streamInfoFromJson,
  streamInfoToJson,
} from "./json/resources.js";
export { streamConfigToJson } from "./json/stream-config.js";
export { formatRfc3339, isRfc3339, rfc3339Nanos } from "./text/rfc3339.js";
