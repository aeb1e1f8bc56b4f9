// Types of the official package against those of its face here, both ways: what one gives, the other takes.
// Checked by the compiler; nothing runs. Classes are compared by their public members.

import type * as official from "@s2-dev/streamstore";
import type * as face from "@s2kit/producer/streamstore";

/** Both ways; classes with private members fit only as their public part. */
type Same<A, B> = [Public<A>] extends [Public<B>]
  ? [Public<B>] extends [Public<A>]
    ? true
    : { readonly missing: "face -> official"; readonly face: B }
  : { readonly missing: "official -> face"; readonly official: A };

type Public<T> = T extends Date | Uint8Array | ((...args: never[]) => unknown)
  ? T
  : T extends object
    ? { [K in keyof T]: T[K] }
    : T;

/** Compiles only when every member is true. */
export type AllSame<T extends Record<keyof T, true>> = T;

export type Checked = AllSame<{
  accessTokenInfo: Same<official.AccessTokenInfo, face.AccessTokenInfo>;
  accessTokenScope: Same<official.AccessTokenScope, face.AccessTokenScope>;
  accountMetricsInput: Same<official.AccountMetricsInput, face.AccountMetricsInput>;
  appendAck: Same<official.AppendAck, face.AppendAck>;
  appendInput: Same<official.AppendInput, face.AppendInput>;
  appendRecord: Same<official.AppendRecord, face.AppendRecord>;
  appendRecords: Same<typeof official.AppendRecord, typeof face.AppendRecord>;
  appendInputs: Same<typeof official.AppendInput, typeof face.AppendInput>;
  appendSessionOptions: Same<official.AppendSessionOptions, face.AppendSessionOptions>;
  basinConfig: Same<official.BasinConfig, face.BasinConfig>;
  basinInfo: Same<official.BasinInfo, face.BasinInfo>;
  basinMetricsInput: Same<official.BasinMetricsInput, face.BasinMetricsInput>;
  batchTransformOptions: Same<official.BatchTransformOptions, face.BatchTransformOptions>;
  caughtUpBatch: Same<official.CaughtUpBatch, face.CaughtUpBatch>;
  caughtUpBoundary: Same<official.CaughtUpBoundary, face.CaughtUpBoundary>;
  createBasinInput: Same<official.CreateBasinInput, face.CreateBasinInput>;
  createStreamInput: Same<official.CreateStreamInput, face.CreateStreamInput>;
  encryptionKey: Same<typeof official.EncryptionKey, typeof face.EncryptionKey>;
  ensureBasinResponse: Same<official.EnsureBasinResponse, face.EnsureBasinResponse>;
  ensureStreamResponse: Same<official.EnsureStreamResponse, face.EnsureStreamResponse>;
  http2Settings: Same<official.Http2Settings, face.Http2Settings>;
  issueAccessTokenInput: Same<official.IssueAccessTokenInput, face.IssueAccessTokenInput>;
  listAllArgs: Same<
    official.ListAllArgs<official.ListBasinsInput>,
    face.ListAllArgs<face.ListBasinsInput>
  >;
  listStreamsResponse: Same<official.ListStreamsResponse, face.ListStreamsResponse>;
  locationInfo: Same<official.LocationInfo, face.LocationInfo>;
  metricSetResponse: Same<official.MetricSetResponse, face.MetricSetResponse>;
  operation: Same<official.Operation, face.Operation>;
  permittedOperationGroups: Same<official.PermittedOperationGroups, face.PermittedOperationGroups>;
  readBatch: Same<official.ReadBatch<"bytes">, face.ReadBatch<"bytes">>;
  readInput: Same<official.ReadInput, face.ReadInput>;
  readRecord: Same<official.ReadRecord, face.ReadRecord>;
  reconfigureBasinInput: Same<official.ReconfigureBasinInput, face.ReconfigureBasinInput>;
  reconfigureStreamInput: Same<official.ReconfigureStreamInput, face.ReconfigureStreamInput>;
  retryConfig: Same<official.RetryConfig, face.RetryConfig>;
  s2RequestOptions: Same<official.S2RequestOptions, face.S2RequestOptions>;
  streamConfig: Same<official.StreamConfig, face.StreamConfig>;
  streamInfo: Same<official.StreamInfo, face.StreamInfo>;
  streamMetricsInput: Same<official.StreamMetricsInput, face.StreamMetricsInput>;
  streamOptions: Same<official.StreamOptions, face.StreamOptions>;
  streamPosition: Same<official.StreamPosition, face.StreamPosition>;
  tailResponse: Same<official.TailResponse, face.TailResponse>;
}>;

/** What a program may pass to a constructor of either. */
type Options<C extends abstract new (...args: never[]) => unknown> = ConstructorParameters<C>[0];
type ClientOptions<O> = Omit<O, "endpoints">;

export type CheckedClasses = AllSame<{
  clientOptions: Same<
    ClientOptions<Options<typeof official.S2>>,
    ClientOptions<Options<typeof face.S2>>
  >;
  readSession: Same<keyof official.ReadSession, keyof face.ReadSession>;
  appendSession: Same<keyof official.AppendSession, keyof face.AppendSession>;
  basins: Same<keyof official.S2Basins, keyof face.S2Basins>;
  streams: Same<keyof official.S2Streams, keyof face.S2Streams>;
  streamHandle: Same<keyof official.S2Stream, keyof face.S2Stream>;
  basinHandle: Same<keyof official.S2Basin, keyof face.S2Basin>;
  locations: Same<keyof official.S2Locations, keyof face.S2Locations>;
  producer: Same<keyof official.Producer, keyof face.Producer>;
  ticket: Same<keyof official.BatchSubmitTicket, keyof face.BatchSubmitTicket>;
  error: Same<keyof official.S2Error, keyof face.S2Error>;
  tracker: Same<keyof official.CaughtUpTracker, keyof face.CaughtUpTracker>;
}>;

/** Calls that a program makes on either client, by what they take and give. */
type Calls<C> = {
  [K in keyof C as C[K] extends (...args: never[]) => Promise<unknown> ? K : never]: C[K] extends (
    ...args: infer A
  ) => Promise<infer R>
    ? (...args: A) => Promise<Public<R>>
    : never;
};

export type CheckedCalls = AllSame<{
  basins: Same<Calls<official.S2Basins>, Calls<face.S2Basins>>;
  streams: Same<Calls<official.S2Streams>, Calls<face.S2Streams>>;
  accessTokens: Same<Calls<official.S2AccessTokens>, Calls<face.S2AccessTokens>>;
  locations: Same<Calls<official.S2Locations>, Calls<face.S2Locations>>;
  metrics: Same<
    Pick<Calls<official.S2Metrics>, "account" | "basin" | "stream">,
    Calls<face.S2Metrics>
  >;
}>;
