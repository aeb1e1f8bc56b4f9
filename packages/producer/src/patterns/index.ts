// The face of @s2kit/producer/patterns: typed messages of any size over records. Names are listed
// one by one; what is not here is private.

export { jsonCodec, type MessageCodec, textCodec } from "./codec.js";
export { DedupeFilter, MAX_REMEMBERED_WRITERS } from "./dedupe-filter.js";
export type { DroppedRecords, DropReason, OnDropped } from "./dropped.js";
export {
  type AssembledFrame,
  DEFAULT_MAX_FRAME_BYTES,
  FrameAssembler,
  type OpenFrameBounds,
} from "./frame-assembler.js";
export type { MessageCheckpoint } from "./message-checkpoint.js";
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
  type MessageTicket,
  MessageWriter,
  type MessageWriterOptions,
} from "./message-writer.js";
