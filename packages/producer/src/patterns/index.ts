// The face of @s2kit/producer/patterns: typed messages of any size over records. Names are listed one by
// one; what is not here is private.

export { jsonCodec, type MessageCodec, textCodec } from "./codec.js";
export { DedupeFilter } from "./dedupe-filter.js";
export { DEFAULT_MAX_FRAME_BYTES, FrameAssembler } from "./frame-assembler.js";
export {
  DEDUPE_SEQ,
  FRAME_BYTES,
  FRAME_RECORDS,
  type MessageHeaders,
  readMessageHeaders,
  WRITER_ID,
} from "./message-headers.js";
export {
  type MessageReaderOptions,
  messageStream,
  type ReceivedMessage,
  readMessages,
} from "./message-reader.js";
export {
  type MessagePosition,
  type MessageSession,
  MessageWriter,
  type MessageWriterOptions,
} from "./message-writer.js";
