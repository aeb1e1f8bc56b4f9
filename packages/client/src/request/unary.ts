// One request with one reply: timeout of each try, retry, error mapping. Every operation that is
// not a session goes through here. Spec: sdk#timeouts, sdk#unary-calls.

import {
  decodeUtf8Lossy,
  type FrameCodec,
  type FrameCompression,
  MEDIA_JSON,
  MIN_FRAME_COMPRESSION_BYTES,
  type Result,
  S2Error,
} from "@s2kit/core";
import { abortedError, decodeError, timeoutError } from "../errors.js";
import { notify } from "../hooks.js";
import type { Components, Settings } from "../input/options.js";
import type { Redacted } from "../input/redacted.js";
import type { RequestOptions } from "../input/request-options.js";
import { mayRetryAppend } from "../retry/policy.js";
import { runWithRetry } from "../retry/run.js";
import type { HttpResponse, Transport } from "../wire/transport.js";
import { errorOfResponse } from "./failed-response.js";
import type { RequestFactory, Target } from "./request-factory.js";
import { RunningCalls } from "./running-calls.js";
import { untilAborted } from "./until-aborted.js";

export interface UnaryCall {
  readonly target: Target;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** JSON when it is not bytes. */
  readonly body?:
    | { readonly json: unknown }
    | { readonly bytes: Uint8Array; readonly type: string };
  readonly accept?: string | undefined;
  /** Appends obey the append retry policy; everything else is safe to repeat. */
  readonly isAppend?: boolean | undefined;
  /** Time that the server may hold the reply on top of the request timeout. */
  readonly waitMillis?: number | undefined;
}

export class UnaryClient {
  readonly #transport: Transport;
  readonly #requests: RequestFactory;
  readonly #settings: Settings;
  readonly #components: Components;
  readonly #codec: FrameCodec | undefined;
  readonly #calls = new RunningCalls();

  constructor(
    transport: Transport,
    requests: RequestFactory,
    settings: Settings,
    components: Components,
    codec: FrameCodec | undefined,
  ) {
    this.#transport = transport;
    this.#requests = requests;
    this.#settings = settings;
    this.#components = components;
    this.#codec = codec;
  }

  /**
   * Runs a call with retries and reads its JSON reply.
   *
   * @throws {S2Error} the last failure
   */
  async json<T>(
    call: UnaryCall,
    options: RequestOptions,
    read: (json: unknown, response: HttpResponse) => T,
  ): Promise<T> {
    const response = await this.run({ accept: MEDIA_JSON, ...call }, options);
    try {
      const text = decodeUtf8Lossy(response.body);
      return read(text === "" ? undefined : (JSON.parse(text) as unknown), response);
    } catch (caught) {
      throw decodeError(caught);
    }
  }

  /** Runs a call with retries. @throws {S2Error} the last failure */
  run(call: UnaryCall, options: RequestOptions): Promise<HttpResponse> {
    const { target } = call;
    let lastToken: Redacted | undefined;
    let hadIndeterminateFailure = false;
    return this.#calls.run(options.signal, ({ signal }) =>
      runWithRetry({
        operation: target.route,
        settings: this.#settings.retry,
        ...this.#components,
        signal,
        attempt: async (attempt) => {
          const result = await this.attempt(call, { ...options, signal }, attempt, (token) => {
            lastToken = token;
          });
          if (result.ok) return result.value;
          // The delete of an earlier try was carried out: that is success.
          if (hadIndeterminateFailure && isGone(call, result.error)) return emptyReply();
          throw result.error;
        },
        mayRetry: (error) => {
          hadIndeterminateFailure ||= !error.hasNoSideEffects;
          return call.isAppend === true
            ? mayRetryAppend(error, this.#settings.retry.appendRetryPolicy, true)
            : error.isRetryable;
        },
        isMended: (error) => error.code === "authn" && this.#requests.reject(lastToken),
      }),
    );
  }

  /**
   * Ends every call that is under way, waiting or not, and refuses later ones: `SESSION_CLOSED`.
   */
  close(): void {
    this.#calls.close();
  }

  /** One try, bounded by the request timeout. Never rejects. */
  async attempt(
    call: UnaryCall,
    options: RequestOptions,
    attempt: number,
    onToken: (token: Redacted) => void,
  ): Promise<Result<HttpResponse>> {
    const { clock, hooks } = this.#components;
    const { route, basin, params } = call.target;
    const event = { operation: route, basin, ...params, attempt };
    const startedAt = hooks.onRequestEnd === undefined ? 0 : clock.monotonic();
    notify(hooks.onRequestStart, event);
    const result = await this.#bounded(call, options, onToken);
    if (hooks.onRequestEnd !== undefined)
      notify(hooks.onRequestEnd, {
        ...event,
        durationMillis: clock.monotonic() - startedAt,
        status: result.ok ? result.value.status : result.error.status || undefined,
        error: result.ok ? undefined : result.error,
      });
    return result;
  }

  /** Everything counts towards the timeout: the token too, and a carrier that minds no signal. */
  #bounded(
    call: UnaryCall,
    options: RequestOptions,
    onToken: (token: Redacted) => void,
  ): Promise<Result<HttpResponse>> {
    const timeoutMillis =
      (options.timeoutMillis ?? this.#settings.requestTimeoutMillis) + (call.waitMillis ?? 0);
    return this.#calls.run(options.signal, async (controller) => {
      const { signal } = controller;
      let hasToken = false;
      const timer = this.#components.clock.setTimer(() => {
        if (!hasToken) this.#requests.giveUpToken();
        controller.abort(timeoutError(call.target.route, timeoutMillis, !hasToken));
      }, timeoutMillis);
      try {
        if (signal.aborted) throw abortedError(signal);
        const sent = this.#send(call, options, signal, (token) => {
          hasToken = true;
          onToken(token);
        });
        return await untilAborted(signal, sent);
      } catch (caught) {
        return { ok: false, error: S2Error.from(caught) };
      } finally {
        timer.cancel();
      }
    });
  }

  async #send(
    call: UnaryCall,
    options: RequestOptions,
    signal: AbortSignal,
    onToken: (token: Redacted) => void,
  ): Promise<Result<HttpResponse>> {
    const { headers, token } = await this.#requests.headers(call.target, {
      ...options.headers,
      ...call.headers,
      accept: call.accept,
    });
    onToken(token);
    const body = await this.#encodeBody(call, headers);
    // A token may come after everybody has left.
    if (signal.aborted) throw abortedError(signal);
    const result = await this.#transport.request(
      {
        method: this.#requests.method(call.target),
        url: this.#requests.url(call.target),
        headers,
        body,
      },
      signal,
    );
    if (!result.ok || result.value.status < 400) return result;
    const head = result.value;
    return { ok: false, error: await errorOfResponse(head, head.body, this.#codec) };
  }

  async #encodeBody(
    call: UnaryCall,
    headers: Record<string, string>,
  ): Promise<Uint8Array | string | undefined> {
    if (call.body === undefined) return undefined;
    if ("json" in call.body) {
      headers["content-type"] = MEDIA_JSON;
      return JSON.stringify(call.body.json);
    }
    const { bytes, type } = call.body;
    headers["content-type"] = type;
    const algorithm = this.#compressionOf(bytes);
    if (algorithm === "none" || headers["content-encoding"] !== undefined) return bytes;
    headers["content-encoding"] = algorithm;
    return this.#codec?.compress(algorithm, bytes);
  }

  #compressionOf(bytes: Uint8Array): FrameCompression {
    if (this.#codec === undefined || bytes.length < MIN_FRAME_COMPRESSION_BYTES) return "none";
    return this.#settings.compression;
  }
}

function isGone(call: UnaryCall, error: S2Error): boolean {
  return /^(delete|revoke)-/.test(call.target.route) && error.status === 404;
}

function emptyReply(): HttpResponse {
  return { status: 204, header: () => undefined, body: new Uint8Array(0) };
}
