// A handle of one stream: reads, appends, and the sessions of both. Cheap to make; connections
// belong to the client, so a forgotten handle leaks nothing. Spec: sdk#surface.

import {
  type AppendAck,
  type BasinName,
  type BatchInput,
  decodeAppendAck,
  decodeReadBatch,
  encodeAppendInput,
  formatReadQuery,
  HEADER_ENCRYPTION_KEY,
  HEADER_STREAM_CONFIG,
  isCommandRecord,
  MEDIA_PROTOBUF,
  requireKnownOptions,
  type StreamName,
  type StreamPosition,
  streamConfigToJson,
  tailFromJson,
} from "@s2kit/core";
import type { StreamConfig } from "@s2kit/core/control";
import { decoded } from "./errors.js";
import { AppendRecord, checkedBatch } from "./input/append-record.js";
import { requireStreamConfig, withoutNulls } from "./input/config-input.js";
import { EncryptionKey } from "./input/encryption-key.js";
import { requireTransport } from "./input/options.js";
import { type ReadInput, readQueryOf } from "./input/read-input.js";
import { type ReadBatch, type ReadFormat, recordDecoder } from "./input/read-record.js";
import { reveal } from "./input/redacted.js";
import { type RequestOptions, requireRequestOptions } from "./input/request-options.js";
import type { ClientContext } from "./request/client-context.js";
import type { Target } from "./request/request-factory.js";
import type { Runtime } from "./runtime.js";
import type { AppendSession } from "./session/append/append-session.js";
import type { AppendSessionOptions } from "./session/append/inflight-room.js";
import type { ReadSession } from "./session/read/read-session.js";
import type {
  CommandOptions,
  ReadOptions,
  ReadSessionOptions,
  StreamOptions,
} from "./stream-options.js";
import { StreamSessions } from "./stream-sessions.js";

/**
 * A handle of one stream: reads, appends, and the sessions of both. Cheap to make; connections
 * belong to the client.
 */
export class S2Stream implements AsyncDisposable {
  readonly name: StreamName;
  readonly basinName: BasinName;
  readonly #context: ClientContext;
  readonly #runtime: Runtime;
  readonly #options: StreamOptions;
  readonly #encryptionKey: EncryptionKey | undefined;
  readonly #sessions: StreamSessions;

  /** @internal */
  constructor(
    context: ClientContext,
    runtime: Runtime,
    basinName: BasinName,
    name: StreamName,
    options: StreamOptions,
  ) {
    this.#context = context;
    this.#runtime = runtime;
    this.basinName = basinName;
    this.name = name;
    this.#options = options;
    requireKnownOptions(options, ["encryptionKey", "transport", "streamConfig"], "StreamOptions");
    const { encryptionKey: key, transport, streamConfig } = options;
    if (transport !== undefined) requireTransport(transport);
    requireStreamConfig(streamConfig);
    this.#encryptionKey = key == null ? undefined : EncryptionKey.from(key);
    this.#sessions = new StreamSessions(context, runtime, {
      basin: basinName,
      stream: name,
      transport,
      headers: () => this.#recordHeaders(),
    });
  }

  /** The same stream with this key. */
  withEncryptionKey(encryptionKey: string | Uint8Array | EncryptionKey): S2Stream {
    return new S2Stream(this.#context, this.#runtime, this.basinName, this.name, {
      ...this.#options,
      encryptionKey,
    });
  }

  /** Where the next record will go. */
  async checkTail(options: RequestOptions = {}): Promise<{ readonly tail: StreamPosition }> {
    return this.#context.unary.json({ target: this.#target("check-tail") }, options, (json) => ({
      tail: tailFromJson(json),
    }));
  }

  /**
   * Reads once: one request, up to 1000 records and 1 MiB. The batch may be empty.
   *
   * @throws {RangeNotSatisfiableError} when it starts where nothing is written yet
   */
  read(input?: ReadInput, options?: ReadOptions<"string">): Promise<ReadBatch<"string">>;
  read<F extends ReadFormat>(input: ReadInput, options: ReadOptions<F>): Promise<ReadBatch<F>>;
  async read(input: ReadInput = {}, options: ReadOptions = {}): Promise<ReadBatch<ReadFormat>> {
    requireRequestOptions(options, "read", ["as"]);
    const decode = recordDecoder(options.as ?? "string");
    const query = readQueryOf(input);
    const response = await this.#context.unary.run(
      {
        target: { ...this.#target("read"), query: formatReadQuery(query) },
        accept: MEDIA_PROTOBUF,
        headers: this.#recordHeaders(),
        waitMillis: (query.waitSecs ?? 0) * 1000,
      },
      options,
    );
    const { records, tail } = decoded(() => decodeReadBatch(response.body));
    const visible =
      input?.ignoreCommandRecords === true
        ? records.filter((record) => !isCommandRecord(record))
        : records;
    const shown = visible.map(decode);
    return tail === undefined ? { records: shown } : { records: shown, tail };
  }

  /**
   * Appends one batch atomically and waits until it is durable: records alone, or with conditions.
   *
   * @example `await stream.append([{ body: "hello", headers: [["kind", "greeting"]] }])`
   * @throws {SeqNumMismatchError | FencingTokenMismatchError} when a condition does not hold
   */
  async append(batch: BatchInput, options: RequestOptions = {}): Promise<AppendAck> {
    requireRequestOptions(options, "append", ["fencingToken", "matchSeqNum", "timestamp"]);
    const { input } = checkedBatch(batch);
    const response = await this.#context.unary.run(
      {
        target: this.#target("append"),
        accept: MEDIA_PROTOBUF,
        headers: this.#recordHeaders(),
        body: { bytes: encodeAppendInput(input), type: MEDIA_PROTOBUF },
        isAppend: true,
      },
      options,
    );
    return decoded(() => decodeAppendAck(response.body));
  }

  /** Sets the fencing token (`""` clears it): writers that give another one are refused. */
  async fence(token: string, options: CommandOptions = {}): Promise<AppendAck> {
    return this.#command(AppendRecord.fence(token, options.timestamp), options);
  }

  /** Asks for the removal of all records before a seqNum; it happens in the background. */
  async trim(seqNum: number | bigint, options: CommandOptions = {}): Promise<AppendAck> {
    return this.#command(AppendRecord.trim(seqNum, options.timestamp), options);
  }

  /** Opens an append session; it connects with its first batch. */
  async appendSession(
    options: AppendSessionOptions = {},
    requestOptions: RequestOptions = {},
  ): Promise<AppendSession> {
    return this.#sessions.openAppend(options, requestOptions);
  }

  /**
   * Opens a read session; resolves when the server has accepted it.
   *
   * @throws {RangeNotSatisfiableError} when it starts where nothing is written and may not wait
   */
  readSession(
    input?: ReadInput,
    options?: ReadSessionOptions<"string">,
  ): Promise<ReadSession<"string">>;
  readSession<F extends ReadFormat>(
    input: ReadInput,
    options: ReadSessionOptions<F>,
  ): Promise<ReadSession<F>>;
  readSession(
    input: ReadInput = {},
    options: ReadSessionOptions = {},
  ): Promise<ReadSession<ReadFormat>> {
    return this.#sessions.openRead(input, options, undefined);
  }

  /**
   * Reads everything up to the tail of this moment, from the first record that is kept if no start
   * is given, then ends. A later read session goes on from its `nextReadPosition()` without
   * overlap.
   */
  readToTail(
    input?: ReadInput,
    options?: ReadSessionOptions<"string">,
  ): Promise<ReadSession<"string">>;
  readToTail<F extends ReadFormat>(
    input: ReadInput,
    options: ReadSessionOptions<F>,
  ): Promise<ReadSession<F>>;
  async readToTail(
    input: ReadInput = {},
    options: ReadSessionOptions = {},
  ): Promise<ReadSession<ReadFormat>> {
    const { tail } = await this.checkTail(options);
    return this.#sessions.openRead(
      {
        ...input,
        start: { from: input?.start?.from ?? { seqNum: 0 }, clamp: true },
        stop: { ...input?.stop, waitSecs: 0 },
      },
      options,
      tail.seqNum,
    );
  }

  /** Cancels the sessions that were opened here. The handle stays usable. */
  async close(): Promise<void> {
    await this.#sessions.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #command(record: AppendRecord, options: CommandOptions): Promise<AppendAck> {
    const { fencingToken, matchSeqNum } = options;
    return this.append({ records: [record], fencingToken, matchSeqNum }, options);
  }

  #target(route: "append" | "check-tail" | "read"): Target {
    return { route, params: { stream: this.name }, basin: this.basinName };
  }

  #keyHeaders(): Record<string, string> {
    if (this.#encryptionKey === undefined) return {};
    return { [HEADER_ENCRYPTION_KEY]: reveal(this.#encryptionKey) };
  }

  #recordHeaders(): Record<string, string> {
    const { streamConfig } = this.#options;
    if (streamConfig == null) return this.#keyHeaders();
    const json = JSON.stringify(streamConfigToJson(withoutNulls<StreamConfig>(streamConfig)));
    return { ...this.#keyHeaders(), [HEADER_STREAM_CONFIG]: json };
  }
}
