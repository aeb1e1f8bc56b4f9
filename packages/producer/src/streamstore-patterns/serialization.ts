// Everything that the official patterns have, by name.
// Spec: sdk#the-official-face, sdk#messages.

export { chunkBytes, MAX_CHUNK_BODY_BYTES } from "./chunking.js";
export { DedupeFilter, extractDedupeSeq, injectDedupeHeaders } from "./dedupe.js";
export {
  type CompletedFrame,
  DEFAULT_MAX_FRAME_BYTES,
  FrameAssembler,
  type FrameAssemblerOptions,
  type FrameMeta,
  FrameSizeError,
  frameChunksToRecords,
} from "./framing.js";
export {
  DEDUPE_SEQ_HEADER,
  DEDUPE_SEQ_HEADER_BYTES,
  DEDUPE_WRITER_UNIQ_ID,
  FRAME_BYTES_HEADER,
  FRAME_BYTES_HEADER_BYTES,
  FRAME_RECORDS_HEADER,
  FRAME_RECORDS_HEADER_BYTES,
  WRITER_UNIQ_ID,
} from "./header-names.js";
export {
  DeserializingReadSession,
  type DeserializingReadSessionOptions,
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "./message-sessions.js";
export { decodeU64, encodeU64 } from "./u64.js";
