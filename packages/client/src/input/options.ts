// What a caller may set, and the full frozen record it becomes once, at the door. Settings are
// plain values; components are the things that tests and unusual runtimes replace.
// Spec: sdk#surface, sdk#configuration.

import {
  type Clock,
  type FrameCompression,
  type Random,
  requireKnownOptions,
  systemClock,
  systemRandom,
} from "@s2kit/core";
import { invalidArgument } from "../errors.js";
import type { S2Hooks } from "../hooks.js";
import { type AppendRetryPolicy, DEFAULT_RETRY, type RetrySettings } from "../retry/policy.js";
import type { FetchLike, Transport } from "../wire/transport.js";
import { type EndpointTemplates, S2Endpoints } from "./endpoints.js";
import { integer, livenessOf, oneOf, outOfRange, positive } from "./option-values.js";

/**
 * Gives the token to use.
 *
 * @param rejected - the token that a server has just refused, if that is why it is asked
 */
export type AccessTokenProvider = (rejected?: string) => string | Promise<string>;

/** How sessions travel. `auto` picks the best that the runtime and the server can do. */
export type SessionTransport = "auto" | "fetch" | "s2s" | "ws";

/** When failed calls and sessions are tried again. */
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

/** Settings of a client: plain values. Only the token is needed. */
export interface S2Options {
  /** The bearer token, or a function that fetches a fresh one when a server refuses the last. */
  readonly accessToken: string | AccessTokenProvider;
  /**
   * Where requests go: one address for account and basins alike, as a self-hosted server has
   * (`"http://localhost:8080"`), or one for each. Default the public service.
   */
  readonly endpoints?: string | S2Endpoints | EndpointTemplates | undefined;
  /** Bound of each try of a request, and of each append acknowledgement. Default 5000. */
  readonly requestTimeoutMillis?: number | undefined;
  /** Bound of dialling a connection. Default 3000. */
  readonly connectionTimeoutMillis?: number | undefined;
  /** A read session without a message for this long reconnects. Default 20,000, at least 16,000. */
  readonly readLivenessMillis?: number | undefined;
  /** When failed calls and sessions are tried again. Default three tries. */
  readonly retry?: RetryOptions | undefined;
  /** Compression of sessions and of request bodies. Default `none`; needs Node. */
  readonly compression?: FrameCompression | undefined;
  /** Flow-control windows of the `s2s` transport. Other transports have none to set. */
  readonly http2?: Http2Options | undefined;
  /** How sessions travel. Default `auto`. Calls that are no sessions always go by `fetch`. */
  readonly transport?: SessionTransport | undefined;
  /** Sent in every runtime but browsers, which refuse to set it. */
  readonly userAgent?: string | undefined;
  /** Extra headers of every HTTP request, for gateways. Not sent over WebSocket. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Replaceable parts. Each has a default that fits the runtime. */
export interface S2Components {
  /** Default the clock of the platform. */
  readonly clock?: Clock | undefined;
  /** Of backoff and request tokens. Default the platform's. */
  readonly random?: Random | undefined;
  /** Used for calls, and for sessions by `fetch`. Default the global one. */
  readonly fetch?: FetchLike | undefined;
  /** Carries everything instead of the built-in transports, for example an in-memory server. */
  readonly carrier?: Transport | undefined;
  /** Called as things happen, for tracing and metrics. */
  readonly hooks?: S2Hooks | undefined;
}

const OPTIONS = [
  "accessToken",
  "endpoints",
  "requestTimeoutMillis",
  "connectionTimeoutMillis",
  "readLivenessMillis",
  "retry",
  "compression",
  "http2",
  "transport",
  "userAgent",
  "headers",
];
const RETRY = ["maxAttempts", "minBaseDelayMillis", "maxBaseDelayMillis", "appendRetryPolicy"];

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

/** @throws {S2Error} `INVALID_ARGUMENT` naming the option that is unknown or out of range */
export function resolveSettings(options: S2Options, defaultUserAgent?: string): Settings {
  requireKnownOptions(options, OPTIONS, "S2Options");
  if (options?.accessToken == null)
    throw invalidArgument(
      "accessToken is missing: new S2({ accessToken }), or S2_ACCESS_TOKEN with S2Environment.parse()",
    );
  return Object.freeze({
    endpoints: endpointsOf(options.endpoints),
    requestTimeoutMillis: positive("requestTimeoutMillis", options.requestTimeoutMillis ?? 5000),
    connectionTimeoutMillis: positive(
      "connectionTimeoutMillis",
      options.connectionTimeoutMillis ?? 3000,
    ),
    readLivenessMillis: livenessOf(options.readLivenessMillis),
    retry: retryOf(options.retry ?? {}),
    compression: oneOf<FrameCompression>("compression", options.compression ?? "none", [
      "none",
      "gzip",
      "zstd",
    ]),
    transport: requireTransport(options.transport ?? "auto"),
    userAgent: options.userAgent ?? defaultUserAgent,
    headers: headersOf(options.headers ?? {}),
  });
}

/** @throws {S2Error} `INVALID_ARGUMENT` naming the component that does not exist */
export function resolveComponents(components: S2Components): Components {
  requireKnownOptions(components, ["clock", "random", "fetch", "carrier", "hooks"], "S2Components");
  return {
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
    hooks: components.hooks ?? {},
  };
}

function endpointsOf(endpoints: S2Options["endpoints"]): S2Endpoints {
  if (endpoints instanceof S2Endpoints) return endpoints;
  if (typeof endpoints === "string") return S2Endpoints.forEndpoint(endpoints);
  return new S2Endpoints(endpoints ?? {});
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
  requireKnownOptions(retry, RETRY, "S2Options.retry");
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
  if (typeof transport === "object")
    throw invalidArgument(
      "transport names one; an own one is a component: new S2(options, { carrier })",
    );
  return oneOf("transport", transport, ["auto", "fetch", "s2s", "ws"]);
}
