// Handles of streams and basins as the official client has them.
// Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";
import { HEADER_STREAM_CONFIG, streamConfigToJson } from "@s2kit/core";
import { type AppendSession, batchOf, OfficialAppendSession } from "./append-session.js";
import { EncryptionKey } from "./encryption-key.js";
import { S2Error, translating, translatingNow } from "./errors.js";
import { ourStreamConfig } from "./our-config.js";
import { positionOf, type StreamPosition } from "./positions.js";
import { OfficialReadSession, type ReadSession } from "./read-session.js";
import {
  type AppendAck,
  type AppendInput,
  ackOf,
  type ReadBatch,
  readRecordOf,
} from "./records.js";
import type {
  AppendSessionOptions,
  EncryptionKeyInput,
  ReadInput,
  S2RequestOptions,
  StreamConfig,
  StreamOptions,
} from "./stream-types.js";
import { S2Streams } from "./streams.js";

/** Where a stream ends. */
export interface TailResponse {
  readonly tail: StreamPosition;
}

/** A handle of one stream. */
export class S2Stream implements AsyncDisposable {
  readonly name: string;
  readonly #stream: ours.S2Stream;
  #isClosed = false;

  /** @internal */
  constructor(stream: ours.S2Stream) {
    this.#stream = stream;
    this.name = stream.name;
  }

  /** The same stream with this key. */
  withEncryptionKey(encryptionKey: EncryptionKeyInput): S2Stream {
    const key = EncryptionKey.from(encryptionKey);
    return new S2Stream(translatingNow(() => this.#stream.withEncryptionKey(key)));
  }

  /** Where the next record will go. */
  checkTail(options?: S2RequestOptions): Promise<TailResponse> {
    return this.#run(async () => {
      const { tail } = await this.#stream.checkTail(requestOf(options));
      return { tail: positionOf(tail) };
    });
  }

  /** Reads once: one request. The batch may be empty. */
  read<Format extends "string" | "bytes" = "string">(
    input?: ReadInput,
    options?: S2RequestOptions & { as?: Format },
  ): Promise<ReadBatch<Format>> {
    return this.#run(async () => {
      const { streamConfig, ...query } = input ?? {};
      const { records, tail } = await this.#stream.read<Format>(query, {
        ...requestOf(options, streamConfig),
        as: (options?.as ?? "string") as Format,
      });
      const shown = records.map((record) => readRecordOf(record));
      return tail === undefined ? { records: shown } : { records: shown, tail: positionOf(tail) };
    });
  }

  /** Appends one batch and waits until it is durable. */
  append(input: AppendInput, options?: S2RequestOptions): Promise<AppendAck> {
    return this.#run(async () =>
      ackOf(await this.#stream.append(batchOf(input), requestOf(options, input.streamConfig))),
    );
  }

  /** Opens a read session; resolves when the server has accepted it. */
  readSession<Format extends "string" | "bytes" = "string">(
    input?: ReadInput,
    options?: S2RequestOptions & { as?: Format },
  ): Promise<ReadSession<Format>> {
    return this.#run(async () => {
      const { streamConfig, ...query } = input ?? {};
      const session = await this.#stream.readSession<Format>(query, {
        ...requestOf(options, streamConfig),
        as: (options?.as ?? "string") as Format,
      });
      return new OfficialReadSession<Format>(session);
    });
  }

  /** Opens an append session; it connects with its first batch. */
  appendSession(
    sessionOptions?: AppendSessionOptions,
    requestOptions?: S2RequestOptions,
  ): Promise<AppendSession> {
    return this.#run(async () => {
      const { streamConfig, ...bounds } = sessionOptions ?? {};
      const request = requestOf(requestOptions, streamConfig);
      return new OfficialAppendSession(await this.#stream.appendSession(bounds, request));
    });
  }

  /** Ends the sessions of this handle, which opens no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#stream.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed)
      return Promise.reject(
        new S2Error({ message: "the stream handle is closed", code: "SESSION_CLOSED" }),
      );
    return translating(call);
  }
}

/** A handle of one basin. */
export class S2Basin {
  readonly name: string;
  /** Management of its streams. */
  readonly streams: S2Streams;
  readonly #basin: ours.S2Basin;

  /** @internal */
  constructor(basin: ours.S2Basin) {
    this.#basin = basin;
    this.name = basin.name;
    this.streams = new S2Streams(basin.streams);
  }

  /** A handle of a stream, whether it exists or not. */
  stream(name: string, options?: StreamOptions): S2Stream {
    const { forceTransport, encryptionKey } = options ?? {};
    const key = encryptionKey === undefined ? undefined : EncryptionKey.from(encryptionKey);
    return new S2Stream(
      translatingNow(() =>
        this.#basin.stream(name, { transport: forceTransport, encryptionKey: key }),
      ),
    );
  }
}

function requestOf(
  options: S2RequestOptions | undefined,
  streamConfig?: StreamConfig,
): ours.RequestOptions {
  const signal = options?.signal;
  if (streamConfig === undefined) return { signal };
  const json = JSON.stringify(streamConfigToJson(ourStreamConfig(streamConfig)));
  return { signal, headers: { [HEADER_STREAM_CONFIG]: json } };
}
