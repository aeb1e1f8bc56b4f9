// The face of @s2kit/client/streamstore: the surface of the official client over this one, for
// programs that come from it. @s2kit/producer/streamstore has the same and the producer: it can
// stand in for the whole package. Names are listed one by one. Spec: sdk#the-official-face.

export { utf8ByteLength } from "@s2kit/client";
export { S2AccessTokens, S2Basins, S2Locations, S2Metrics } from "./account.js";
export type {
  AccessTokenInfo,
  AccessTokenScope,
  BasinConfig,
  BasinInfo,
  BasinState,
  CreateBasinInput,
  CreateBasinResponse,
  CreateStreamInput,
  CreateStreamResponse,
  DeleteBasinInput,
  DeleteStreamInput,
  EnsureBasinInput,
  EnsureBasinResponse,
  EnsureStreamInput,
  EnsureStreamResponse,
  GetBasinConfigInput,
  GetDefaultLocationResponse,
  GetStreamConfigInput,
  IssueAccessTokenInput,
  IssueAccessTokenResponse,
  ListAccessTokensInput,
  ListAccessTokensResponse,
  ListAllAccessTokensInput,
  ListAllBasinsInput,
  ListAllStreamsInput,
  ListBasinsInput,
  ListBasinsResponse,
  ListLocationsResponse,
  ListStreamsInput,
  ListStreamsResponse,
  LocationInfo,
  LocationName,
  Operation,
  PermittedOperationGroups,
  ProvisionResult,
  ReconfigureBasinInput,
  ReconfigureBasinResponse,
  ReconfigureStreamInput,
  ReconfigureStreamResponse,
  ResourceSet,
  RevokeAccessTokenInput,
  SetDefaultLocationInput,
  SetDefaultLocationResponse,
  StreamInfo,
} from "./account-types.js";
export {
  type AcksStream,
  type AppendSession,
  BatchSubmitTicket,
  OfficialAppendSession,
} from "./append-session.js";
export { type CaughtUpBatch, type CaughtUpBoundary, CaughtUpTracker } from "./caught-up.js";
export { type Http2Settings, type RetryConfig, S2, type S2ClientOptions } from "./client.js";
export { EncryptionKey } from "./encryption-key.js";
export { S2Endpoints, type S2EndpointsInit } from "./endpoints.js";
export { S2Environment, type S2EnvironmentConfig } from "./environment.js";
export {
  EncryptionKeyLengthError,
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
  translateError,
} from "./errors.js";
export type {
  AccountMetricSet,
  AccountMetricsInput,
  AccumulationMetric,
  BasinMetricSet,
  BasinMetricsInput,
  GaugeMetric,
  LabelMetric,
  Metric,
  MetricSetResponse,
  ScalarMetric,
  StreamMetricSet,
  StreamMetricsInput,
  TimeseriesInterval,
} from "./metric-types.js";
export { type ListAllArgs, type Page, type PageFetcher, paginate } from "./paginate.js";
export type { StreamPosition } from "./positions.js";
export { randomToken } from "./random-token.js";
export { OfficialReadSession, type ReadSession, type StreamIterator } from "./read-session.js";
export {
  type AppendAck,
  AppendInput,
  AppendRecord,
  type BatchOutput,
  type BytesAppendRecord,
  MAX_APPEND_BYTES,
  MAX_APPEND_RECORDS,
  meteredBytes,
  type ReadBatch,
  type ReadRecord,
  type StringAppendRecord,
} from "./records.js";
export { S2Basin, S2Stream, type TailResponse } from "./stream.js";
export type {
  AppendRetryPolicy,
  AppendSessionOptions,
  DeleteOnEmptyConfig,
  EncryptionAlgorithm,
  EncryptionKeyInput,
  InfiniteRetention,
  ReadFrom,
  ReadInput,
  ReadLimits,
  ReadStart,
  ReadStop,
  RetentionPolicy,
  S2Compression,
  S2RequestOptions,
  SessionTransports,
  StorageClass,
  StreamConfig,
  StreamOptions,
  TimestampingConfig,
  TimestampingMode,
} from "./stream-types.js";
export { S2Streams } from "./streams.js";
