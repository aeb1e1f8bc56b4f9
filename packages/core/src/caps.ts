// Every limit of the protocol, once. Names end in their unit. A limit that only one
// package knows (a queue length, a timeout) lives in that package, not here.
// Spec: data-plane#limits, data-plane#frames, control-plane#names.

/** Most records in one append batch, and in one read batch. */
export const MAX_BATCH_RECORDS = 1000;

/** Most metered bytes in one append batch, and in one read batch. Equality is allowed. */
export const MAX_BATCH_METERED_BYTES = 1_048_576;

/** Most metered bytes in one record. A single record may fill a whole batch. */
export const MAX_RECORD_METERED_BYTES = 1_048_576;

/** Longest fencing token, in UTF-8 bytes. The empty token is legal: no fence. */
export const MAX_FENCING_TOKEN_BYTES = 36;

/** Exact length of the body of a trim command record: one big-endian uint64. */
export const TRIM_BODY_BYTES = 8;

/** Fewest bytes of the name of a basin. */
export const MIN_BASIN_NAME_BYTES = 8;
/** Most bytes of the name of a basin. */
export const MAX_BASIN_NAME_BYTES = 48;
/** Most bytes of the name of a stream. */
export const MAX_STREAM_NAME_BYTES = 512;
/** Most bytes of the id of an access token. */
export const MAX_ACCESS_TOKEN_ID_BYTES = 96;
/** Most characters of the name of a location. */
export const MAX_LOCATION_NAME_CHARS = 64;
/** Most bytes of the token that makes a create idempotent. */
export const MAX_REQUEST_TOKEN_BYTES = 36;

/** Longest name of a storage class, in UTF-8 bytes. A bound of ours: the API names none. */
export const MAX_STORAGE_CLASS_BYTES = 64;

/** Longest value of the `s2-encryption-key` header, in characters, after trimming. */
export const MAX_ENCRYPTION_KEY_HEADER_CHARS = 44;

/** Longest life of a read ticket, and its life when none is asked for, in seconds. */
export const MAX_READ_TICKET_SECS = 600;

/** Longest `wait` of a unary read, in seconds. Longer waits are clamped, not refused. */
export const MAX_UNARY_WAIT_SECS = 60;

/** Largest value of the S2S length field: flag byte plus body. */
export const MAX_FRAME_LENGTH_BYTES: number = 2 * 1024 * 1024;

/** Largest body of an S2S frame, compressed and decompressed alike. */
export const MAX_FRAME_BODY_BYTES: number = MAX_FRAME_LENGTH_BYTES - 1;

/** S2S messages shorter than this travel uncompressed. */
export const MIN_FRAME_COMPRESSION_BYTES = 1024;

/** Unary response bodies are compressed only when longer than this. */
export const MIN_RESPONSE_COMPRESSION_BYTES = 1024;

/** Largest unary request body after decompression, for protobuf and for configurations. */
export const MAX_UNARY_BODY_BYTES: number = 2 * 1024 * 1024;

/** Largest JSON append body: heavy escaping may take six characters for a byte. */
export const MAX_JSON_APPEND_BODY_BYTES: number = 8 * 1024 * 1024;

/** The body of an OTLP request, before and after `Content-Encoding`: what OTLP recommends. */
export const MAX_OTLP_BODY_BYTES: number = 20 * 1024 * 1024;

/** Largest server-sent event that a client takes: a full batch in its most wasteful JSON. */
export const MAX_SSE_EVENT_BYTES: number = 8 * 1024 * 1024;

/** Largest page of a list, and the default page. 0 and larger values mean this one. */
export const MAX_LIST_LIMIT = 1000;

/** A following session without deliveries gets a heartbeat after a random time in this range. */
export const MIN_HEARTBEAT_MS = 5000;
/** Longest silence of a server on an open read, in ms. */
export const MAX_HEARTBEAT_MS = 15_000;

/** Highest seqNum of an ordinary record under `aes-256-gcm` (random 96-bit nonces). */
export const MAX_AES_GCM_SEQ_NUM: number = 2 ** 32 - 1;

/** Longest range of a metrics query: 90 days. */
export const MAX_METRICS_RANGE_SECS: number = 90 * 24 * 60 * 60;

/** How far ahead of the server's clock a metrics query may end. */
export const MAX_METRICS_AHEAD_SECS = 60;
