// Keys of encrypted streams as the official client has them: text in the form of the header.
// Spec: sdk#the-official-face, sdk#keys.

import { encodeBase64, MAX_ENCRYPTION_KEY_HEADER_CHARS } from "@s2kit/core";
import { EncryptionKeyLengthError } from "./errors.js";
import type { EncryptionKeyInput } from "./stream-types.js";

/** Brings a key into the form of the header. */
export const EncryptionKey: {
  /** @throws {EncryptionKeyLengthError} for one that is empty or too long */
  from(value: EncryptionKeyInput): string;
} = {
  from(value) {
    const text = typeof value === "string" ? value.trim() : encodeBase64(value);
    if (text.length === 0 || text.length > MAX_ENCRYPTION_KEY_HEADER_CHARS)
      throw new EncryptionKeyLengthError(typeof value === "string" ? text.length : value.length);
    return text;
  },
};
