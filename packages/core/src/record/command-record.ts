// Command records: ordinary records with exactly one header whose name is empty. They are
// sequenced, stored and shown to readers as written; the server also acts on them.
//
//     command   header value   body
//     fence     "fence"        new token, UTF-8, 0 to 36 bytes; empty clears the fence
//     trim      "trim"         8 bytes, big-endian uint64: the earliest seqNum to keep
//
// Spec: data-plane#command-records.

import { TRIM_BODY_BYTES } from "../caps.js";
import { invalid, S2Error } from "../error.js";
import { saturatedU64 } from "../text/uint64.js";
import { decodeUtf8, encodeUtf8 } from "../text/utf8.js";
import { fencingTokenRule } from "./fencing-token.js";
import type { AppendRecord, Header } from "./record.js";

/** What a command record asks for. */
export type Command =
  | { readonly kind: "fence"; readonly token: string }
  /** `seqNum` saturates to U64_BEYOND: a trim never passes its own record anyway. */
  | { readonly kind: "trim"; readonly seqNum: number };

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);
const FENCE = /* @__PURE__ */ encodeUtf8("fence");
const TRIM = /* @__PURE__ */ encodeUtf8("trim");

/** True for a record that the server interprets: one header, with an empty name. */
export function isCommandRecord(record: { readonly headers: readonly Header[] }): boolean {
  return record.headers.length === 1 && record.headers[0]?.[0].length === 0;
}

/**
 * Reads the command of a record that {@link isCommandRecord}.
 *
 * @param name - the value of its one header
 * @throws {S2Error} `invalid` for an unknown command or a payload that does not fit it
 */
export function parseCommand(name: Uint8Array, body: Uint8Array): Command {
  if (isSameBytes(name, FENCE)) return { kind: "fence", token: parseFenceBody(body) };
  if (isSameBytes(name, TRIM)) return { kind: "trim", seqNum: parseTrimBody(body) };
  throw invalid("unknown command record: the header value must be fence or trim");
}

/** A record that sets the fencing token; `""` clears it. @throws {S2Error} `INVALID_ARGUMENT` */
export function fenceRecord(token: string, timestamp?: number): AppendRecord {
  const rule = fencingTokenRule(token);
  if (rule !== undefined) throw new S2Error({ code: "INVALID_ARGUMENT", message: rule });
  return { timestamp, headers: [[NO_BYTES, FENCE]], body: encodeUtf8(token) };
}

/**
 * A record that asks for the removal of all records before `seqNum` (0 to 2^64 - 1).
 *
 * @throws {S2Error} `INVALID_ARGUMENT` outside that range
 */
export function trimRecord(seqNum: number | bigint, timestamp?: number): AppendRecord {
  const isWhole = typeof seqNum === "bigint" || Number.isSafeInteger(seqNum);
  if (!isWhole || seqNum < 0 || BigInt(seqNum) > 0xffff_ffff_ffff_ffffn)
    throw new S2Error({
      code: "INVALID_ARGUMENT",
      message: `trim point must be an integer from 0 to 2^64 - 1 seqNum=${seqNum}`,
    });
  const body = new Uint8Array(TRIM_BODY_BYTES);
  new DataView(body.buffer).setBigUint64(0, BigInt(seqNum));
  return { timestamp, headers: [[NO_BYTES, TRIM]], body };
}

function parseFenceBody(body: Uint8Array): string {
  const token = decodeUtf8(body);
  if (token === undefined) throw invalid("fencing token must be UTF-8");
  const rule = fencingTokenRule(token);
  if (rule !== undefined) throw invalid(rule);
  return token;
}

function parseTrimBody(body: Uint8Array): number {
  if (body.length !== TRIM_BODY_BYTES)
    throw invalid(`trim point must be ${TRIM_BODY_BYTES} bytes, big-endian length=${body.length}`);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return saturatedU64(view.getUint32(0), view.getUint32(4));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
