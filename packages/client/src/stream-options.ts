// What may be given to the handle of a stream, and to its
// reads and commands. Types only.

import type { StreamConfig } from "@s2kit/core/control";
import type { EncryptionKey } from "./input/encryption-key.js";
import type { SessionTransport } from "./input/options.js";
import type { ReadFormat } from "./input/read-record.js";
import type { RequestOptions } from "./input/request-options.js";

export interface StreamOptions {
  /** Key of an encrypted stream: base64 text or 32 raw bytes. */
  readonly encryptionKey?: string | Uint8Array | EncryptionKey | undefined;
  /** How sessions of this handle travel, instead of the client's setting. */
  readonly transport?: SessionTransport | undefined;
  /** Configuration of the stream if an append or a read through this handle creates it. */
  readonly streamConfig?: StreamConfig | undefined;
}

export interface CommandOptions extends RequestOptions {
  /** The token in force, if the stream is fenced. */
  readonly fencingToken?: string | undefined;
  /** Only if the command record would get this seqNum. */
  readonly matchSeqNum?: number | undefined;
  readonly timestamp?: number | Date | undefined;
}

export interface ReadOptions<F extends ReadFormat = ReadFormat> extends RequestOptions {
  /** Default `string`. */
  readonly as?: F | undefined;
}

export interface ReadSessionOptions<F extends ReadFormat = ReadFormat> extends ReadOptions<F> {
  /** `budgeted` (default) obeys `retry.maxAttempts`; `indefinite` waits out any outage. */
  readonly retryPolicy?: "budgeted" | "indefinite" | undefined;
}
