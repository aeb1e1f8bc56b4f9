// What an OTLP request is answered with, in its own encoding: nothing when all of it was taken, the
// number of what was not, or why none of it was. Spec: data-plane#otlp-answers.

import { lengthFieldSize, varintSize, writeBytesField, writeVarint } from "../proto/wire-writer.js";
import { encodeUtf8 } from "../text/utf8.js";
import { OTLP_NAMES, type OtlpEncoding, type OtlpSignal } from "./signal.js";

/** What was not taken, and why. */
export interface OtlpRejection {
  /** Items: log records, spans, data points. */
  readonly count: number;
  readonly message: string;
}

/** @param rejection - undefined when everything was taken */
export function encodeOtlpResponse(
  encoding: OtlpEncoding,
  signal: OtlpSignal,
  rejection: OtlpRejection | undefined,
): Uint8Array {
  if (encoding === "protobuf")
    return rejection === undefined ? new Uint8Array(0) : protobufOf(rejection);
  if (rejection === undefined) return encodeUtf8("{}");
  const { count, message } = rejection;
  // 64-bit integers are strings in the JSON of protobuf.
  const partialSuccess = { [OTLP_NAMES[signal].rejected]: String(count), errorMessage: message };
  return encodeUtf8(JSON.stringify({ partialSuccess }));
}

/** `google.rpc.Status` in protobuf, without the code, which OTLP does not use. */
export function encodeOtlpStatus(message: string): Uint8Array {
  const text = encodeUtf8(message);
  const out = new Uint8Array(lengthFieldSize(text.length));
  writeBytesField(out, 0, TAG_STATUS_MESSAGE, text);
  return out;
}

const TAG_STATUS_MESSAGE = 0x12;
const TAG_PARTIAL_SUCCESS = 0x0a;
const TAG_REJECTED = 0x08;
const TAG_ERROR_MESSAGE = 0x12;

function protobufOf({ count, message }: OtlpRejection): Uint8Array {
  const text = encodeUtf8(message);
  const partial = new Uint8Array(1 + varintSize(count) + lengthFieldSize(text.length));
  partial[0] = TAG_REJECTED;
  writeBytesField(partial, writeVarint(partial, 1, count), TAG_ERROR_MESSAGE, text);
  const out = new Uint8Array(lengthFieldSize(partial.length));
  writeBytesField(out, 0, TAG_PARTIAL_SUCCESS, partial);
  return out;
}
