// From the hash of a secret to the token that has it.
//
//     "h/" hash                      the id of the token

import { text } from "./decode.js";
import { type KeyKind, namedKind } from "./key-kind.js";

export const TOKEN_HASH: KeyKind<string, string> = namedKind("h/", text);
