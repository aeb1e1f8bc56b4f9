// The server face of @s2kit/core: what only a server needs. Appends as offsets instead of values,
// stored bytes, encrypted envelopes, and server-sent events on the sending side.

export { MAX_OTLP_BODY_BYTES } from "./caps.js";
export { decodeAppendJson } from "./json/append-decoder.js";
export type { Walk } from "./json/json-cursor.js";
export { encodeOtlpResponse, encodeOtlpStatus, type OtlpRejection } from "./otlp/answer.js";
export {
  countOtlpItems,
  cutOtlpRequest,
  type OtlpCut,
  type OtlpCutRules,
  type OtlpPiece,
} from "./otlp/cut-request.js";
export {
  OTLP_NAMES,
  OTLP_STREAM_ATTRIBUTE,
  type OtlpEncoding,
  type OtlpLevel,
  type OtlpNames,
  type OtlpSignal,
} from "./otlp/signal.js";
export { openEnvelopes, sealEnvelopes } from "./proto/envelope.js";
export { scanAppendInput } from "./proto/scan-append.js";
export { scanStoredBatch } from "./proto/scan-stored.js";
export { SequencedWalker } from "./proto/sequenced-walker.js";
export { maxTranscodedBytes, transcodeBatch } from "./proto/transcode.js";
export {
  AppendBatch,
  type IndexedCommand,
  ROW_BODY_LENGTH,
  ROW_BODY_START,
  ROW_COLUMNS,
  ROW_HEADERS_END,
  ROW_HEADERS_START,
  ROW_METERED,
} from "./record/append-batch.js";
export {
  encodeBatchEvent,
  encodeBatchEventData,
  encodeBatchEventHead,
  encodeErrorEvent,
  encodePingEvent,
  SSE_DONE_EVENT,
} from "./sse/event.js";
export { parseLastEventId, resumeAfter } from "./sse/last-event-id.js";
