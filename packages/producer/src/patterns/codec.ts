// How messages become bytes and back. Bring your own (MessagePack, protobuf, one that encrypts):
// two functions are all it takes. Spec: sdk#messages.

import { decodeUtf8, encodeUtf8, S2Error } from "@s2kit/core";

/** How messages become bytes and back. */
export interface MessageCodec<M> {
  /**
   * At least one byte. They are copied before this is called again: a codec may reuse its buffer.
   */
  encode(message: M): Uint8Array;
  /** The bytes are borrowed: copy what you keep. What it throws, the reader throws. */
  decode(bytes: Uint8Array): M;
}

/** JSON as UTF-8 text. What comes back is not checked: pass a `check` for that. */
export function jsonCodec<M>(check?: (value: unknown) => M): MessageCodec<M> {
  return {
    encode: (message) => encodeUtf8(JSON.stringify(message)),
    decode(bytes) {
      const value: unknown = JSON.parse(textOf(bytes));
      return check === undefined ? (value as M) : check(value);
    },
  };
}

/** Text as UTF-8. */
export const textCodec: MessageCodec<string> = Object.freeze({
  encode: encodeUtf8,
  decode: textOf,
});

function textOf(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new S2Error({ code: "INVALID_ARGUMENT", message: "message is not UTF-8" });
}
