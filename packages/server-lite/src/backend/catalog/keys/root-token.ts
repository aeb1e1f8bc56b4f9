// The root token that was made at the first start, as a hash.
//
//     "n/root-token"                 SHA-256 of the secret, base64url

import { text } from "./decode.js";
import { type KeyKind, type ONLY, singleKind } from "./key-kind.js";

export const ROOT_TOKEN: KeyKind<typeof ONLY, string> = singleKind("n/root-token", text);
