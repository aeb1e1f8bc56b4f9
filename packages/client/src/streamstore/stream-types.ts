// What reads, sessions and streams are given in the official client. Types only.
// Spec: sdk#the-official-face.

/** When failed appends are tried again. */
export type AppendRetryPolicy = "all" | "noSideEffects";

/** Compression of the frames of sessions. */
export type S2Compression = "none" | "gzip" | "zstd";

/** How sessions travel. */
export type SessionTransports = "fetch" | "s2s";

/** Of a single call. */
export type S2RequestOptions = {
  /** Aborts the call, its retries and its waits. */
  signal?: AbortSignal;
};

/** The first record of a read. */
export type ReadFrom =
  | { readonly seqNum: number }
  | { readonly timestamp: number | Date }
  | { readonly tailOffset: number };

/** Where a read starts: at the tail, if nothing is said. */
export interface ReadStart {
  readonly from?: ReadFrom;
  /** A start beyond the tail becomes the tail. */
  readonly clamp?: boolean;
}

/** How much is read. */
export interface ReadLimits {
  readonly count?: number;
  readonly bytes?: number;
}

/** When a read ends. */
export interface ReadStop {
  readonly limits?: ReadLimits;
  /** Ends before the first record of this time or a later one. */
  readonly untilTimestamp?: number | Date;
  /** Seconds to wait at the tail. */
  readonly waitSecs?: number;
}

/** What a read is asked for. */
export interface ReadInput {
  readonly start?: ReadStart;
  readonly stop?: ReadStop;
  readonly ignoreCommandRecords?: boolean;
  /** Configuration of the stream if this read creates it. */
  readonly streamConfig?: StreamConfig;
}

/** How much an append session may have in flight. */
export interface AppendSessionOptions {
  readonly maxInflightBytes?: number;
  readonly maxInflightBatches?: number;
  /** Configuration of the stream if this session creates it. */
  readonly streamConfig?: StreamConfig;
}

/** A key of an encrypted stream: base64 text or bytes. */
export type EncryptionKeyInput = string | Uint8Array;

/** How a stream is encrypted. */
export type EncryptionAlgorithm = "aegis-256" | "aes-256-gcm";

/** How a handle of a stream differs from its client. */
export interface StreamOptions {
  forceTransport?: SessionTransports;
  encryptionKey?: EncryptionKeyInput;
}

/** Where records are kept. */
export type StorageClass = "standard" | "express";

/** Which time a record gets. */
export type TimestampingMode = "client-prefer" | "client-require" | "arrival";

/** Records stay until they are trimmed. */
export type InfiniteRetention = { [key: string]: unknown };

/** When an empty stream is deleted. */
export interface DeleteOnEmptyConfig {
  minAgeSecs?: number;
}

/** Which times records get. */
export interface TimestampingConfig {
  mode?: TimestampingMode | null;
  uncapped?: boolean | null;
}

/** How long records stay. */
export type RetentionPolicy = { ageSecs: number } | { infinite: InfiniteRetention };

/** Configuration of a stream. */
export interface StreamConfig {
  deleteOnEmpty?: DeleteOnEmptyConfig | null;
  retentionPolicy?: RetentionPolicy | null;
  storageClass?: StorageClass | null;
  timestamping?: TimestampingConfig | null;
}
