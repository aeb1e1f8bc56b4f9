// The key of a request for an encrypted stream, out of its `s2-encryption-key` header. Messages
// never contain any part of it. Spec: data-plane#encryption.

import { decodeBase64, HEADER_ENCRYPTION_KEY, S2Error } from "@s2kit/core";
import { type StreamCipher } from "@s2kit/core/control";

/** Both ciphers take keys of this length. */
export const ENCRYPTION_KEY_BYTES = 32;

/**
 * The key for a stream with this cipher.
 *
 * @param text - the trimmed header; undefined without one
 * @throws {S2Error} `bad_header` when it is missing, not base64, or not 32 bytes
 */
export function decodeEncryptionKey(cipher: StreamCipher, text: string | undefined): Uint8Array {
  if (text === undefined) throw badHeader(`missing encryption key for stream cipher '${cipher}'`);
  const key = decodeBase64(text);
  if (key === undefined)
    throw badHeader(`Invalid header \`${HEADER_ENCRYPTION_KEY}\`: invalid base64`);
  if (key.length !== ENCRYPTION_KEY_BYTES)
    throw badHeader(
      `Invalid header \`${HEADER_ENCRYPTION_KEY}\`: invalid encryption key length: expected ${ENCRYPTION_KEY_BYTES} bytes, got ${key.length}`,
    );
  return key;
}

function badHeader(message: string): S2Error {
  return new S2Error({ code: "bad_header", message });
}
