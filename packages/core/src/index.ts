// The main face of @s2kit/core: the data plane of S2 and what every room shares, as pure types,
// limits and codecs. No I/O, no ambient time or chance, no dependency. `./control` adds basins,
// streams, tokens and metrics; `./server` adds the server's fast paths. What is not listed is
// private.

// Limits and names: what the wire allows.

export {
  type AccessTokenId,
  accessTokenIdPrefixRule,
  accessTokenIdRule,
  type BasinName,
  type BrokenRule,
  basinNameRule,
  basinPrefixRule,
  type LocationName,
  locationNameRule,
  parseAccessTokenId,
  parseBasinName,
  parseLocationName,
  parseStreamName,
  type StreamName,
  streamNameRule,
  streamPrefixRule,
} from "./account/names.js";
export {
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_AES_GCM_SEQ_NUM,
  MAX_BASIN_NAME_BYTES,
  MAX_BATCH_METERED_BYTES,
  MAX_BATCH_RECORDS,
  MAX_ENCRYPTION_KEY_HEADER_CHARS,
  MAX_FENCING_TOKEN_BYTES,
  MAX_FRAME_BODY_BYTES,
  MAX_FRAME_LENGTH_BYTES,
  MAX_HEARTBEAT_MS,
  MAX_JSON_APPEND_BODY_BYTES,
  MAX_LIST_LIMIT,
  MAX_LOCATION_NAME_CHARS,
  MAX_METRICS_AHEAD_SECS,
  MAX_METRICS_RANGE_SECS,
  MAX_READ_TICKET_SECS,
  MAX_RECORD_METERED_BYTES,
  MAX_REQUEST_TOKEN_BYTES,
  MAX_SSE_EVENT_BYTES,
  MAX_STREAM_NAME_BYTES,
  MAX_UNARY_BODY_BYTES,
  MAX_UNARY_WAIT_SECS,
  MIN_BASIN_NAME_BYTES,
  MIN_FRAME_COMPRESSION_BYTES,
  MIN_HEARTBEAT_MS,
  MIN_RESPONSE_COMPRESSION_BYTES,
  TRIM_BODY_BYTES,
} from "./caps.js";
export { fencingTokenRule } from "./record/fencing-token.js";
export {
  HEADER_BASIN,
  HEADER_ENCRYPTION_KEY,
  HEADER_FORMAT,
  HEADER_LAST_EVENT_ID,
  HEADER_PROVISION_RESULT,
  HEADER_REQUEST_TOKEN,
  HEADER_RETRY_AFTER_MS,
  HEADER_STREAM_CONFIG,
  MEDIA_EVENT_STREAM,
  MEDIA_JSON,
  MEDIA_PROTOBUF,
  MEDIA_S2S,
  type MediaKind,
  mediaKindOf,
  parseRecordFormat,
  type RecordFormat,
} from "./record/headers.js";
// Records and positions.

export {
  type Command,
  fenceRecord,
  isCommandRecord,
  parseCommand,
  trimRecord,
} from "./record/command-record.js";
export {
  batchMeteredBytes,
  HEADER_METERED_OVERHEAD,
  meteredBytes,
  RECORD_METERED_OVERHEAD,
} from "./record/metering.js";
export { isSamePosition, START_OF_STREAM, type StreamPosition } from "./record/position.js";
export {
  FROM_TAIL,
  formatReadQuery,
  parseReadQuery,
  type ReadFrom,
  type ReadQuery,
} from "./record/read.js";
export type {
  AppendAck,
  AppendInput,
  AppendRecord,
  Header,
  ReadBatch,
  SequencedRecord,
} from "./record/record.js";
export {
  appendHeadersOf,
  appendRecordOf,
  appendTimestampOf,
  type BatchInput,
  type HeaderInputs,
  type RecordInput,
} from "./record/record-input.js";
export { isSafeU64, parseU64, requireSafeU64, saturatedU64, U64_BEYOND } from "./text/uint64.js";
// Basins, streams, tokens: what the control plane speaks of.

export {
  buildPath,
  type HttpMethod,
  OPERATIONS,
  type Operation,
  type PathParams,
  ROUTES,
  type Route,
  type RouteLevel,
  type RouteName,
} from "./paths.js";
export { matchRoute, type RouteMatch } from "./route-match.js";
// Errors.

export { assert, InvariantError, unreachable } from "./assert.js";
export {
  type ErrorOrigin,
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  type S2ErrorOptions,
  SeqNumMismatchError,
} from "./error.js";
export {
  type ErrorCode,
  hasNoSideEffects,
  isRetryable,
  isRetryableStatus,
  isServerErrorCode,
  type LocalErrorCode,
  type RouteErrorCode,
  SERVER_ERROR_CODES,
  type ServerErrorCode,
  type StructuredErrorCode,
  statusOf,
} from "./error-code.js";
export { kindOf, requireKnownOptions } from "./known-options.js";
export { err, ok, type Result } from "./result.js";
// Protobuf: values for clients, offsets and stored bytes for servers.

export {
  appendAckSize,
  decodeAppendAck,
  encodeAppendAck,
  writeAppendAck,
} from "./proto/append-ack.js";
export { decodeAppendInput, encodeAppendInput } from "./proto/append-input.js";
export { decodeReadBatch, encodeReadBatch, encodeReadBatchTail } from "./proto/read-batch.js";
// S2S frames.

export { compressionFor, type FrameCodec, negotiateFrameCompression } from "./s2s/compression.js";
export {
  encodeMessageFrame,
  encodeTerminalFrame,
  FLAG_COMPRESSION_MASK,
  FLAG_GZIP,
  FLAG_RECONNECT_ADVISED,
  FLAG_TERMINAL,
  FLAG_ZSTD,
  FRAME_HEAD_BYTES,
  FRAME_PREFIX_BYTES,
  type Frame,
  type FrameCompression,
  type MessageFrame,
  type MessageFrameOptions,
  messageFlag,
  type TerminalFrame,
  writeFrameHead,
} from "./s2s/frame.js";
export { createFrameDecoder, type FrameDecoder } from "./s2s/frame-decoder.js";
// JSON: the only rooms that know snake_case.

export { errorFromWire, errorToWire, type WireError } from "./json/error.js";
export {
  appendAckFromJson,
  appendAckToJson,
  appendInputFromJson,
  appendInputToJson,
  positionFromJson,
  positionToJson,
  readBatchFromJson,
  readBatchToJson,
  tailFromJson,
  tailToJson,
} from "./json/records.js";
export { streamConfigToJson } from "./json/stream-config.js";
// Server-sent events: `./sse` reads them.

export { formatLastEventId, type LastEventId } from "./sse/last-event-id.js";
// Time, chance and waiting.

export { Admission } from "./async/admission.js";
export { type Deferred, deferred } from "./async/deferred.js";
export { Fifo } from "./async/fifo.js";
export { type Leave, Roster } from "./async/roster.js";
export { type Clock, sleep, systemClock, type Timer } from "./clock.js";
export { type Random, randomInteger, seededRandom, systemRandom } from "./random.js";
// Bytes and text.

export { decodeBase64, encodeBase64 } from "./text/base64.js";
export {
  compareUtf8,
  decodeUtf8,
  decodeUtf8Lossy,
  encodeUtf8,
  isWellFormed,
  utf8ByteLength,
} from "./text/utf8.js";
