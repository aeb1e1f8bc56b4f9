// What a caller may set, and the full frozen record it becomes once, at the door. Settings are
// plain values; components are the things that tests and unusual runtimes replace.
// Spec: sdk#surface, sdk#configuration.

import {
  type Clock,
  type FrameCompression,
  type Random,
  type S2Error,
  systemClock,
  systemRandom,
} from "@s2kit/core";
import { invalidArgument } from "../errors.js";
import type { S2Hooks } from "../hooks.js";
import { type AppendRetryPolicy, DEFAULT_RETRY, type RetrySettings } from "../retry/policy.js";
import type { FetchLike, Transport } from "../wire/transport.js";
import { type EndpointTemplates, S2Endpoints } from "./endpoints.js";

/**
 * Gives the token to use.
 *
 * @param rejected - the token that a server has just refused, if that is why it is asked
 */
export type AccessTokenProvider = (rejected?: string) => string | Promise<string>;

/** How sessions travel. `auto` picks the best that the runtime and the server can do. */
export type SessionTransport = "auto" | "fetch" | "s2s" | "ws";

export interface RetryOptions {
  /** All tries, the first included. Default 3, at least 1. */
  readonly maxAttempts?: number | undefined;
  /** Default 100. */
  readonly minBaseDelayMillis?: number | undefined;
  /** Default 1000. */
  readonly maxBaseDelayMillis?: number | undefined;
  /**
   * `all` (default) retries appends after any retryable failure, so duplicates are possible;
   * `noSideEffects` only when it is certain that the failed try changed nothing.
   */
  readonly appendRetryPolicy?: AppendRetryPolicy | undefined;
}

/** Flow-control windows of HTTP/2 connections, in bytes: 65,535 to 2^31 - 1. */
export interface Http2Options {
  /** Default 10 MiB. */
  readonly initialStreamWindowSize?: number | undefined;
  /** Default four stream windows, so that one slow reader cannot starve its neighbours. */
  readonly connectionWindowSize?: number | undefined;
}

export interface S2Options {
  /** The bearer token, or a function that fetches a fresh one when a server refuses the last. */
  readonly accessToken: string | AccessTokenProvider;
  readonly endpoints?: S2Endpoints | EndpointTemplates | undefined;
  /** Bound of each try of a request, and of each append acknowledgement. Default 5000. */
  readonly requestTimeoutMillis?: number | undefined;
  /** Bound of dialling a connection. Default 3000. */
  readonly connectionTimeoutMillis?: number | undefined;
  /** A read session without a message for this long reconnects. Default 20,000, at least 16,000. */
  readonly readLivenessMillis?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Compression of sessions and of request bodies. Default `none`; needs Node. */
  readonly compression?: FrameCompression | undefined;
  readonly http2?: Http2Options | undefined;
  readonly transport?: SessionTransport | undefined;
  /** Sent in every runtime but browsers, which refuse to set it. */
  readonly userAgent?: string | undefined;
  /** Extra headers of every HTTP request, for gateways. Not sent over WebSocket. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Replaceable parts. Each has a default that fits the runtime. */
export interface S2Components {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly fetch?: FetchLike | undefined;
  /** Carries everything instead of the built-in transports, for example an in-memory server. */
  readonly transport?: Transport | undefined;
  readonly hooks?: S2Hooks | undefined;
}

/** The options in force: every field present, copied and frozen. */
export interface Settings {
  readonly endpoints: S2Endpoints;
  readonly requestTimeoutMillis: number;
  readonly connectionTimeoutMillis: number;
  readonly readLivenessMillis: number | undefined;
  readonly retry: RetrySettings;
  readonly compression: FrameCompression;
  readonly transport: SessionTransport;
  readonly userAgent: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** The components in force. */
export interface Components {
  readonly clock: Clock;
  readonly random: Random;
  readonly hooks: S2Hooks;
}

const MIN_LIVENESS_MILLIS = 16_000;

/** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is out of range */
export function resolveSettings(options: S2Options, defaultUserAgent?: string): Settings {
  const { endpoints } = options;
  return Object.freeze({
    endpoints: endpoints instanceof S2Endpoints ? endpoints : new S2Endpoints(endpoints),
    requestTimeoutMillis: positive("requestTimeoutMillis", options.requestTimeoutMillis ?? 5000),
    connectionTimeoutMillis: positive(
      "connectionTimeoutMillis",
      options.connectionTimeoutMillis ?? 3000,
    ),
    readLivenessMillis: livenessOf(options.readLivenessMillis),
    retry: retryOf(options.retry ?? {}),
    compression: options.compression ?? "none",
    transport: requireTransport(options.transport ?? "auto"),
    userAgent: options.userAgent ?? defaultUserAgent,
    headers: headersOf(options.headers ?? {}),
  });
}

export function resolveComponents(components: S2Components): Components {
  return {
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
    hooks: components.hooks ?? {},
  };
}

/** Runtimes quote a value that is none in their errors, and it may be a secret. */
function headersOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
      throw invalidArgument(`headers has a name that is none option=headers name=${name}`);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw invalidArgument(
        `a header must be one line of Latin-1 text option=headers name=${name}`,
      );
  }
  return Object.freeze({ ...headers });
}

function retryOf(retry: RetryOptions): RetrySettings {
  const settings = {
    maxAttempts: integer(
      "retry.maxAttempts",
      retry.maxAttempts ?? DEFAULT_RETRY.maxAttempts,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    minBaseDelayMillis: positive(
      "retry.minBaseDelayMillis",
      retry.minBaseDelayMillis ?? DEFAULT_RETRY.minBaseDelayMillis,
    ),
    maxBaseDelayMillis: positive(
      "retry.maxBaseDelayMillis",
      retry.maxBaseDelayMillis ?? DEFAULT_RETRY.maxBaseDelayMillis,
    ),
    appendRetryPolicy: oneOf<AppendRetryPolicy>(
      "retry.appendRetryPolicy",
      retry.appendRetryPolicy ?? DEFAULT_RETRY.appendRetryPolicy,
      ["all", "noSideEffects"],
    ),
  };
  if (settings.minBaseDelayMillis > settings.maxBaseDelayMillis)
    throw outOfRange("retry.minBaseDelayMillis", settings.minBaseDelayMillis);
  return Object.freeze(settings);
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a carrier that does not exist */
export function requireTransport(transport: SessionTransport): SessionTransport {
  return oneOf("transport", transport, ["auto", "fetch", "s2s", "ws"]);
}

function oneOf<T>(option: string, value: T, values: readonly T[]): T {
  if (values.includes(value)) return value;
  throw outOfRange(option, value);
}

function livenessOf(millis: number | undefined): number | undefined {
  if (millis === undefined) return undefined;
  if (!Number.isFinite(millis) || millis < MIN_LIVENESS_MILLIS)
    throw outOfRange("readLivenessMillis", millis);
  return millis;
}

function positive(option: string, value: number): number {
  if (!Number.isFinite(value) || value <= 0) throw outOfRange(option, value);
  return value;
}

/** @throws {S2Error} `INVALID_ARGUMENT` outside the bounds */
export function integer(option: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw outOfRange(option, value);
  return value;
}

function outOfRange(option: string, value: unknown): S2Error {
  return invalidArgument(`option is out of range option=${option} value=${String(value)}`);
}
