// Random text for tokens, as the official client makes it.
// Spec: sdk#the-official-face.

import { encodeBase64, systemRandom } from "@s2kit/core";

/**
 * Random bytes in base64.
 *
 * @param byteLength - how many; default 16
 */
export function randomToken(byteLength = 16): string {
  return encodeBase64(systemRandom.bytes(byteLength));
}
