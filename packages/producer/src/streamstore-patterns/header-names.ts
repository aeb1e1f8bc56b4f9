// Names of the headers of messages, as text and as bytes.
// Spec: sdk#messages.

import { encodeUtf8 } from "@s2kit/core";
import { DEDUPE_SEQ, FRAME_BYTES, FRAME_RECORDS, WRITER_ID } from "../patterns/message-headers.js";

/** Payload bytes of a message; on its first record. */
export const FRAME_BYTES_HEADER: string = FRAME_BYTES;
/** Records of a message; on its first record. */
export const FRAME_RECORDS_HEADER: string = FRAME_RECORDS;
/** Number of a record; rises. */
export const DEDUPE_SEQ_HEADER: string = DEDUPE_SEQ;
/** Who wrote a record. */
export const WRITER_UNIQ_ID: string = WRITER_ID;
/** {@link FRAME_BYTES_HEADER} in bytes. */
export const FRAME_BYTES_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encodeUtf8(FRAME_BYTES);
/** {@link FRAME_RECORDS_HEADER} in bytes. */
export const FRAME_RECORDS_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encodeUtf8(FRAME_RECORDS);
/** {@link DEDUPE_SEQ_HEADER} in bytes. */
export const DEDUPE_SEQ_HEADER_BYTES: Uint8Array = /* @__PURE__ */ encodeUtf8(DEDUPE_SEQ);
/** {@link WRITER_UNIQ_ID} in bytes. */
export const DEDUPE_WRITER_UNIQ_ID: Uint8Array = /* @__PURE__ */ encodeUtf8(WRITER_ID);
