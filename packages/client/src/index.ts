// The face of @s2kit/client for browsers and edge runtimes. index.node.ts lists the same names: a
// test compares them. Names are listed one by one; what is not here is private.

export type {
  AppendAck,
  BatchInput,
  Clock,
  ErrorCode,
  Header,
  HeaderInputs,
  Operation,
  Random,
  ReadFrom,
  RecordInput,
  StreamPosition,
} from "@s2kit/core";
export {
  FencingTokenMismatchError,
  isCommandRecord,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  meteredBytes,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
  utf8ByteLength,
} from "@s2kit/core";
export type {
  AccessTokenScope,
  BasinConfig as FullBasinConfig,
  BasinReconfiguration,
  LocationInfo,
  MetricInterval,
  MetricUnit,
  OperationGroups,
  ProvisionResult,
  ReadWrite,
  ResourceSet,
  RetentionPolicy,
  StorageClass,
  StreamCipher,
  StreamConfig,
  StreamReconfiguration,
  TimestampingConfig,
  TimestampingMode,
} from "@s2kit/core/control";
export type {
  AccessTokenInfo,
  IssueAccessTokenArgs,
  S2AccessTokens,
} from "./account/access-tokens.js";
export type { CreateBasinArgs, ListArgs, S2Basins } from "./account/basins.js";
export type { S2Locations } from "./account/locations.js";
export type { MetricSample, MetricSeries, MetricsArgs, S2Metrics } from "./account/metrics.js";
export type { ListAllArgs, Pages } from "./account/pages.js";
export type { IssueReadTicketArgs, ReadTicket } from "./account/read-ticket.js";
export type { BasinInfo, StreamInfo } from "./account/resource-info.js";
export type { CreateStreamArgs, S2Streams } from "./account/streams.js";
export { S2Basin } from "./basin.js";
export type {
  AckEvent,
  BatchEvent,
  RequestEndEvent,
  RequestEvent,
  RetryEvent,
  S2Hooks,
  SessionEvent,
} from "./hooks.js";
export {
  type AppendConditions,
  AppendInput,
  AppendRecord,
  type BytesRecordFields,
  type StringRecordFields,
} from "./input/append-record.js";
export type {
  AccessTokenScopeInput,
  BasinConfig,
  OrNull,
  StreamConfigInput,
} from "./input/config-input.js";
export { EncryptionKey } from "./input/encryption-key.js";
export { type EndpointTemplates, S2Endpoints } from "./input/endpoints.js";
export { S2Environment } from "./input/env.js";
export type {
  AccessTokenProvider,
  Http2Options,
  RetryOptions,
  S2Components,
  S2Options,
  SessionTransport,
} from "./input/options.js";
export type { ReadInput, ReadPlace, ReadStart, ReadStop } from "./input/read-input.js";
export type { ReadBatch, ReadFormat, ReadRecord } from "./input/read-record.js";
export type { RequestOptions } from "./input/request-options.js";
export type { AppendRetryPolicy } from "./retry/policy.js";
export type { S2Base } from "./s2-base.js";
export { S2 } from "./s2-web.js";
export type { AppendSession } from "./session/append/append-session.js";
export type { AppendSessionOptions } from "./session/append/inflight-room.js";
export { BatchSubmitTicket } from "./session/append/submit-ticket.js";
export { type CaughtUpBoundary, CaughtUpTracker } from "./session/read/caught-up-tracker.js";
export type { ReadSession } from "./session/read/read-session.js";
export { S2Stream } from "./stream.js";
export type {
  CommandOptions,
  ReadOptions,
  ReadSessionOptions,
  StreamOptions,
} from "./stream-options.js";
export { createFetchTransport, type FetchTransportOptions } from "./transport/fetch.js";
export type { Exchange, ExchangeHandlers, OpenRequest, ResponseHead } from "./wire/exchange.js";
export type {
  FetchLike,
  HttpRequest,
  HttpResponse,
  SessionWires,
  Transport,
} from "./wire/transport.js";
