// Whether a long text is UTF-8, looked at in stretches, with a pause after each.
// Spec: control-plane#json.

import { decodeUtf8 } from "../text/utf8.js";
import { STRETCH_BYTES, type Walk } from "./json-cursor.js";
import { badJson } from "./shape.js";

/** @throws {S2Error} `bad_json` */
export function* checkUtf8(bytes: Uint8Array): Walk {
  const isShort = bytes.length <= STRETCH_BYTES;
  if (isShort ? decodeUtf8(bytes) !== undefined : yield* isUtf8(bytes)) return;
  throw badJson("malformed JSON: the body is not UTF-8");
}

function* isUtf8(bytes: Uint8Array): Walk<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += STRETCH_BYTES) {
      decoder.decode(bytes.subarray(at, at + STRETCH_BYTES), { stream: true });
      yield;
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
