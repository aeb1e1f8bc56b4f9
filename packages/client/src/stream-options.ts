// What may be given to the handle of a stream, and to its
// reads and commands. Types only.

import type { StreamConfigInput } from "./input/config-input.js";
import type { EncryptionKey } from "./input/encryption-key.js";
import type { SessionTransport } from "./input/options.js";
import type { ReadFormat } from "./input/read-record.js";
import type { RequestOptions } from "./input/request-options.js";

/** How a handle of a stream differs from its client. */
export interface StreamOptions {
  /** Key of an encrypted stream: base64 text or 32 raw bytes. */
  readonly encryptionKey?: string | Uint8Array | EncryptionKey | undefined;
  /** How sessions of this handle travel, instead of the client's setting. */
  readonly transport?: SessionTransport | undefined;
  /** Configuration of the stream if an append or a read through this handle creates it. */
  readonly streamConfig?: StreamConfigInput | null | undefined;
}

/** Of `fence` and `trim`. */
export interface CommandOptions extends RequestOptions {
  /** The token in force, if the stream is fenced. */
  readonly fencingToken?: string | undefined;
  /** Only if the command record would get this seqNum. */
  readonly matchSeqNum?: number | undefined;
  /** Of the command record. Default the time of arrival. */
  readonly timestamp?: number | Date | undefined;
}

/** How a read gives its records. */
export interface ReadOptions<F extends ReadFormat = ReadFormat> extends RequestOptions {
  /** `string` (default): bodies and headers as text. `bytes`: as they are. */
  readonly as?: F | undefined;
}

/** How a read session gives its records, and how long it tries. */
export interface ReadSessionOptions<F extends ReadFormat = ReadFormat> extends ReadOptions<F> {
  /** `budgeted` (default) obeys `retry.maxAttempts`; `indefinite` waits out any outage. */
  readonly retryPolicy?: "budgeted" | "indefinite" | undefined;
}
