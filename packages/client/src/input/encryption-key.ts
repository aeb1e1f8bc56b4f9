// The customer's key of an encrypted stream, as the header carries it: base64 of 32 bytes, at most
// 44 characters. It is redacted everywhere else. Spec: sdk#keys.

import { encodeBase64, MAX_ENCRYPTION_KEY_HEADER_CHARS, S2Error } from "@s2kit/core";
import { Redacted } from "./redacted.js";

/** An encryption key of a stream. Printing it shows a placeholder. */
export class EncryptionKey extends Redacted {
  /**
   * Takes a key as base64 text (surrounding space is dropped) or as raw bytes.
   *
   * @throws {S2Error} `INVALID_ARGUMENT` when it is empty or longer than 44 characters in base64
   */
  static from(key: string | Uint8Array | EncryptionKey): EncryptionKey {
    if (key instanceof EncryptionKey) return key;
    const text = typeof key === "string" ? key.trim() : encodeBase64(key);
    if (text.length === 0 || text.length > MAX_ENCRYPTION_KEY_HEADER_CHARS)
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: `encryption key must be 1 to ${MAX_ENCRYPTION_KEY_HEADER_CHARS} base64 characters length=${text.length}`,
      });
    if (!/^[\x21-\x7e]+$/.test(text))
      throw new S2Error({
        code: "INVALID_ARGUMENT",
        message: "encryption key must be base64 text",
      });
    return new EncryptionKey(text);
  }
}
