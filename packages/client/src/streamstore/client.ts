// The client as the official one has it: its options in our words, and its managers.
// Spec: sdk#the-official-face.

import * as ours from "@s2kit/client";
import { requireKnownOptions } from "@s2kit/core";
import { S2AccessTokens, S2Basins, S2Locations, S2Metrics } from "./account.js";
import { S2Endpoints, type S2EndpointsInit } from "./endpoints.js";
import { translatingNow } from "./errors.js";
import { S2Basin } from "./stream.js";
import type { AppendRetryPolicy, S2Compression } from "./stream-types.js";

/** When failed calls and sessions are tried again. */
export type RetryConfig = {
  maxAttempts?: number;
  minBaseDelayMillis?: number;
  maxBaseDelayMillis?: number;
  appendRetryPolicy?: AppendRetryPolicy;
  /** @deprecated It is an option of the client. */
  requestTimeoutMillis?: number;
  /** @deprecated It is an option of the client. */
  connectionTimeoutMillis?: number;
};

/** Flow-control windows of HTTP/2, in bytes. */
export interface Http2Settings {
  initialStreamWindowSize?: number;
  connectionWindowSize?: number;
}

/** Options of a client. */
export type S2ClientOptions = {
  accessToken: string;
  endpoints?: S2Endpoints | S2EndpointsInit;
  requestTimeoutMillis?: number;
  connectionTimeoutMillis?: number;
  retry?: RetryConfig;
  compression?: S2Compression;
  http2?: Http2Settings;
};

const KNOWN = [
  "accessToken",
  "endpoints",
  "requestTimeoutMillis",
  "connectionTimeoutMillis",
  "retry",
  "compression",
  "http2",
];

/** The entry point: one client for an account. */
export class S2 implements AsyncDisposable {
  readonly basins: S2Basins;
  readonly accessTokens: S2AccessTokens;
  readonly locations: S2Locations;
  readonly metrics: S2Metrics;
  readonly #client: ours.S2;

  constructor(options: S2ClientOptions) {
    this.#client = translatingNow(() => new ours.S2(ourOptions(options)));
    this.basins = new S2Basins(this.#client.basins);
    this.accessTokens = new S2AccessTokens(this.#client.accessTokens);
    this.locations = new S2Locations(this.#client.locations);
    this.metrics = new S2Metrics(this.#client.metrics);
  }

  /** A handle of a basin, whether it exists or not. */
  basin(name: string): S2Basin {
    return new S2Basin(translatingNow(() => this.#client.basin(name)));
  }

  /** Ends all sessions and closes all connections. The official client has no such method. */
  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function ourOptions(options: S2ClientOptions): ours.S2Options {
  requireKnownOptions(options, KNOWN, "S2ClientOptions");
  const { endpoints, retry = {}, ...rest } = options ?? {};
  const { requestTimeoutMillis, connectionTimeoutMillis, ...policy } = retry;
  return {
    ...rest,
    requestTimeoutMillis: rest.requestTimeoutMillis ?? requestTimeoutMillis,
    connectionTimeoutMillis: rest.connectionTimeoutMillis ?? connectionTimeoutMillis,
    retry: policy,
    endpoints: endpoints instanceof S2Endpoints ? endpoints.init : endpoints,
  };
}
