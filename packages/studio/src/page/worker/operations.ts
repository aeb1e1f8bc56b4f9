// Everything the page asks of a server, one call each, through the public client alone. Answers are
// plain values. Called by the worker; the page sees the table as a type.

import {
  type AccessTokenScope,
  AppendRecord,
  type BasinReconfiguration,
  RangeNotSatisfiableError,
  type ReadRecord,
  type RequestOptions,
  type S2,
  type S2Stream,
  type StreamConfig,
  type StreamReconfiguration,
} from "@s2kit/client";

export interface NewRecord {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface WholeRecord {
  readonly seqNum: number;
  readonly timestamp: number;
  readonly headers: readonly (readonly [Uint8Array, Uint8Array])[];
  readonly body: Uint8Array;
}

interface Page {
  readonly prefix?: string;
  readonly startAfter?: string;
  readonly limit?: number;
}

export interface AppendRequest {
  readonly basin: string;
  readonly stream: string;
  readonly records: readonly NewRecord[];
  readonly matchSeqNum?: number;
  readonly fencingToken?: string;
}

export interface MetricsRequest {
  readonly basin?: string;
  readonly stream?: string;
  readonly set: string;
  readonly start: number;
  readonly end: number;
  readonly interval?: "minute" | "hour" | "day";
}

/** A stream by its name, with the key that this tab has for it. */
export type StreamOf = (basin: string, stream: string) => S2Stream;

export function createOperations(s2: S2, streamOf: StreamOf) {
  return {
    ...basinOperations(s2),
    ...streamOperations(s2),
    ...readOperations(streamOf),
    ...writeOperations(streamOf),
    ...accountOperations(s2),
  };
}

function basinOperations(s2: S2) {
  return {
    listBasins: (options: RequestOptions, page: Page) => s2.basins.list(page, options),
    createBasin: (options: RequestOptions, basin: string, config: object) =>
      s2.basins.create({ basin, config }, options),
    deleteBasin: (options: RequestOptions, basin: string) => s2.basins.delete({ basin }, options),
    basinConfig: (options: RequestOptions, basin: string) =>
      s2.basins.getConfig({ basin }, options),
    reconfigureBasin: (options: RequestOptions, basin: string, patch: BasinReconfiguration) =>
      s2.basins.reconfigure({ basin, ...patch }, options),
  };
}

function streamOperations(s2: S2) {
  return {
    listStreams: (options: RequestOptions, basin: string, page: Page) =>
      s2.basin(basin).streams.list(page, options),
    createStream: (options: RequestOptions, basin: string, stream: string, config: StreamConfig) =>
      s2.basin(basin).streams.create({ stream, config }, options),
    deleteStream: (options: RequestOptions, basin: string, stream: string) =>
      s2.basin(basin).streams.delete({ stream }, options),
    streamConfig: (options: RequestOptions, basin: string, stream: string) =>
      s2.basin(basin).streams.getConfig({ stream }, options),
    reconfigureStream: (
      options: RequestOptions,
      basin: string,
      stream: string,
      patch: StreamReconfiguration,
    ) => s2.basin(basin).streams.reconfigure({ stream, ...patch }, options),
  };
}

function readOperations(streamOf: StreamOf) {
  return {
    checkTail: (options: RequestOptions, basin: string, stream: string) =>
      streamOf(basin, stream).checkTail(options),
    async readRecord(
      options: RequestOptions,
      basin: string,
      stream: string,
      seqNum: number,
    ): Promise<WholeRecord | undefined> {
      const record = await firstFrom(streamOf(basin, stream), { seqNum }, options);
      return record?.seqNum === seqNum ? wholeOf(record) : undefined;
    },
    /** The number of the first record that is kept; undefined in an empty stream. */
    async firstSeqNum(options: RequestOptions, basin: string, stream: string) {
      return (await firstFrom(streamOf(basin, stream), { seqNum: 0 }, options))?.seqNum;
    },
    /** The first record of this time or later; undefined when all are older. */
    async seqNumAt(options: RequestOptions, basin: string, stream: string, timestamp: number) {
      return (await firstFrom(streamOf(basin, stream), { timestamp }, options))?.seqNum;
    },
  };
}

async function firstFrom(
  stream: S2Stream,
  from: { readonly seqNum: number } | { readonly timestamp: number },
  options: RequestOptions,
): Promise<ReadRecord<"bytes"> | undefined> {
  try {
    const { records } = await stream.read(
      { start: { from, clamp: true }, stop: { limits: { count: 1 } } },
      { ...options, as: "bytes" },
    );
    return records[0];
  } catch (error) {
    // Nothing is written there yet.
    if (error instanceof RangeNotSatisfiableError) return undefined;
    throw error;
  }
}

function writeOperations(streamOf: StreamOf) {
  return {
    append: (options: RequestOptions, request: AppendRequest) =>
      streamOf(request.basin, request.stream).append(
        {
          records: request.records.map((record) =>
            AppendRecord.bytes({
              headers: record.headers.map(
                ([name, value]) => [utf8.encode(name), utf8.encode(value)] as const,
              ),
              body: record.body,
            }),
          ),
          matchSeqNum: request.matchSeqNum,
          fencingToken: request.fencingToken,
        },
        options,
      ),
    fence: (
      options: RequestOptions,
      basin: string,
      stream: string,
      token: string,
      held: string | undefined,
    ) => streamOf(basin, stream).fence(token, { ...options, fencingToken: held }),
    trim: (
      options: RequestOptions,
      basin: string,
      stream: string,
      seqNum: number,
      held: string | undefined,
    ) => streamOf(basin, stream).trim(seqNum, { ...options, fencingToken: held }),
  };
}

function accountOperations(s2: S2) {
  return {
    metrics(options: RequestOptions, { basin, stream, ...args }: MetricsRequest) {
      if (basin === undefined) return s2.metrics.account(args as never, options);
      if (stream === undefined) return s2.metrics.basin({ basin, ...args } as never, options);
      return s2.metrics.stream({ basin, stream, ...args } as never, options);
    },
    listTokens: (options: RequestOptions, page: Page) => s2.accessTokens.list(page, options),
    issueToken: (
      options: RequestOptions,
      id: string,
      scope: AccessTokenScope,
      autoPrefixStreams: boolean,
      expiresAt: number | undefined,
    ) => s2.accessTokens.issue({ id, scope, autoPrefixStreams, expiresAt }, options),
    revokeToken: (options: RequestOptions, id: string) => s2.accessTokens.revoke({ id }, options),
  };
}

export type Operations = ReturnType<typeof createOperations>;

const utf8 = new TextEncoder();

function wholeOf({ seqNum, timestamp, headers, body }: ReadRecord<"bytes">): WholeRecord {
  return {
    seqNum,
    timestamp,
    headers: headers.map(([name, value]) => [name.slice(), value.slice()] as const),
    body: body.slice(),
  };
}
