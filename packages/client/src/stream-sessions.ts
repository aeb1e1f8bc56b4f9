// The sessions of one stream handle: opens them over the transport that the handle prefers, and
// knows which are open, so that closing the handle, or its client, ends them. Spec: sdk#surface.

import { type BasinName, requireKnownOptions, type StreamName } from "@s2kit/core";
import { abortedError, invalidArgument } from "./errors.js";
import type { SessionTransport } from "./input/options.js";
import { type ReadInput, readQueryOf } from "./input/read-input.js";
import { type ReadFormat, recordDecoder } from "./input/read-record.js";
import { type RequestOptions, requireRequestOptions } from "./input/request-options.js";
import type { ClientContext, OpenSession } from "./request/client-context.js";
import { untilAborted } from "./request/until-aborted.js";
import type { Runtime } from "./runtime.js";
import { type AppendSession, createAppendSession } from "./session/append/append-session.js";
import type { AppendSessionOptions } from "./session/append/inflight-room.js";
import type { ReadSession } from "./session/read/read-session.js";
import type { Reading } from "./session/read/reading-shape.js";
import { SessionOpener } from "./session/session-opener.js";
import type { ReadSessionOptions } from "./stream-options.js";

const APPEND_OPTIONS = ["maxInflightBytes", "maxInflightBatches"];
const RETRY_POLICIES = ["budgeted", "indefinite"];

/** Whose sessions they are. */
export interface SessionsTarget {
  readonly basin: BasinName;
  readonly stream: StreamName;
  /** Instead of the client's setting. */
  readonly transport: SessionTransport | undefined;
  /** What requests about records carry. */
  headers(): Record<string, string>;
}

export class StreamSessions {
  readonly #context: ClientContext;
  readonly #runtime: Pick<Runtime, "reading">;
  readonly #target: SessionsTarget;
  readonly #open = new Set<OpenSession>();

  constructor(context: ClientContext, runtime: Pick<Runtime, "reading">, target: SessionsTarget) {
    this.#context = context;
    this.#runtime = runtime;
    this.#target = target;
  }

  async openAppend(
    options: AppendSessionOptions,
    requestOptions: RequestOptions,
  ): Promise<AppendSession> {
    requireKnownOptions(options, APPEND_OPTIONS, "AppendSessionOptions");
    requireRequestOptions(requestOptions, "appendSession");
    const opener = await this.#opener(requestOptions);
    const tracked: OpenSession = {
      cancel: async (reason) => session.abort(reason),
    };
    const session = createAppendSession(
      opener.appendComponents(),
      options,
      requestOptions.signal,
      () => this.#track(tracked, false),
    );
    if (session.failureCause() === undefined) this.#track(tracked, true);
    return session;
  }

  async openRead<F extends ReadFormat>(
    input: ReadInput,
    options: ReadSessionOptions<F>,
    endSeqNum: number | undefined,
  ): Promise<ReadSession<F>> {
    requireRequestOptions(options, "readSession", ["as", "retryPolicy"]);
    const decode = recordDecoder((options.as ?? "string") as F);
    const retryPolicy = options.retryPolicy ?? "budgeted";
    if (!RETRY_POLICIES.includes(retryPolicy))
      throw invalidArgument(
        `option must be one of ${RETRY_POLICIES.join(", ")} option=retryPolicy`,
      );
    const query = readQueryOf(input);
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    const reading = await this.#runtime.reading();
    const opener = await this.#opener(options, reading);
    return reading.openSession(
      opener.readComponents(),
      {
        query,
        ignoreCommandRecords: input?.ignoreCommandRecords ?? false,
        retryPolicy,
        endSeqNum,
      },
      decode,
      options.signal,
      (session, isOpen) => this.#track(session, isOpen),
    );
  }

  /** Ends those that are open; others may be opened afterwards. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.cancel()));
  }

  #track(session: OpenSession, isOpen: boolean): void {
    for (const sessions of [this.#open, this.#context.sessions])
      if (isOpen) sessions.add(session);
      else sessions.delete(session);
  }

  async #opener(options: RequestOptions, reading?: Reading): Promise<SessionOpener> {
    const { signal, timeoutMillis } = options;
    const transport = await untilAborted(
      // One that fired before is the session's to tell.
      signal?.aborted === true ? undefined : signal,
      this.#context.sessionTransport(this.#target.basin, this.#target.transport, timeoutMillis),
    );
    const target = {
      basin: this.#target.basin,
      stream: this.#target.stream,
      headers: { ...options.headers, ...this.#target.headers() },
      requestTimeoutMillis: timeoutMillis,
    };
    return new SessionOpener(this.#context, transport, target, reading?.openEvents);
  }
}
