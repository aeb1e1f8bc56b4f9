// Names of basins, streams, access tokens and locations, as branded strings that are parsed once
// at the border. Lengths are bytes of UTF-8. Each check returns the rule that was broken, or
// undefined; the border adds the code (bad_json, bad_path, bad_query or bad_header by place).
// Spec: control-plane#names.

import {
  MAX_ACCESS_TOKEN_ID_BYTES,
  MAX_BASIN_NAME_BYTES,
  MAX_LOCATION_NAME_CHARS,
  MAX_STREAM_NAME_BYTES,
  MIN_BASIN_NAME_BYTES,
} from "../caps.js";
import { S2Error, type S2ErrorOptions } from "../error.js";
import { isWellFormed, utf8ByteLength } from "../text/utf8.js";

/** A name of a basin that was checked. */
export type BasinName = string & { readonly __brand: "BasinName" };
/** A name of a stream that was checked. */
export type StreamName = string & { readonly __brand: "StreamName" };
/** An id of an access token that was checked. */
export type AccessTokenId = string & { readonly __brand: "AccessTokenId" };
/** A name of a location that was checked. */
export type LocationName = string & { readonly __brand: "LocationName" };

/** A rule of the name grammar that a text breaks; undefined when it breaks none. */
export type BrokenRule = string | undefined;

/** 8 to 48 of `[a-z0-9-]`, without a hyphen at either end. */
export function basinNameRule(text: string): BrokenRule {
  const length = utf8ByteLength(text);
  if (length > MAX_BASIN_NAME_BYTES) return tooLong("basin name", MAX_BASIN_NAME_BYTES);
  if (length < MIN_BASIN_NAME_BYTES)
    return `basin name should be at least ${MIN_BASIN_NAME_BYTES} bytes in length`;
  return basinCharacterRule(text, "basin name", true);
}

/** A basin prefix or list cursor: as a name, but any length up to 48 and any end. */
export function basinPrefixRule(text: string, kind: "prefix" | "start-after"): BrokenRule {
  if (text === "") return undefined;
  if (utf8ByteLength(text) > MAX_BASIN_NAME_BYTES)
    return tooLong(`basin ${kind}`, MAX_BASIN_NAME_BYTES);
  return basinCharacterRule(text, `basin ${kind}`, false);
}

/** 1 to 512 bytes of UTF-8 without NUL; `.` and `..` are reserved. */
export function streamNameRule(text: string): BrokenRule {
  return freeNameRule(text, "stream name", MAX_STREAM_NAME_BYTES);
}

/** A stream prefix or list cursor: as a name, but it may be empty. */
export function streamPrefixRule(text: string, kind: "prefix" | "start-after"): BrokenRule {
  return freePrefixRule(text, `stream ${kind}`, MAX_STREAM_NAME_BYTES);
}

/** 1 to 96 bytes of UTF-8 without NUL; `.` and `..` are reserved. */
export function accessTokenIdRule(text: string): BrokenRule {
  return freeNameRule(text, "access token id", MAX_ACCESS_TOKEN_ID_BYTES);
}

/** An id prefix or list cursor: as an id, but it may be empty. */
export function accessTokenIdPrefixRule(text: string, kind: "prefix" | "start-after"): BrokenRule {
  return freePrefixRule(text, `access token id ${kind}`, MAX_ACCESS_TOKEN_ID_BYTES);
}

/** 1 to 64 of ASCII letters, digits, `:`, `-` and `.`. */
export function locationNameRule(text: string): BrokenRule {
  if (text.length < 1) return "location name must be at least 1 character in length";
  if (text.length > MAX_LOCATION_NAME_CHARS)
    return `location name must be at most ${MAX_LOCATION_NAME_CHARS} characters in length`;
  if (!/^[A-Za-z0-9:.-]+$/.test(text))
    return "location name must comprise ASCII letters, numbers, colons, hyphens, and periods";
  return undefined;
}

/** @throws {S2Error} with the given code (default `INVALID_ARGUMENT`) and the broken rule. */
export function parseBasinName(text: string, code?: S2ErrorOptions["code"]): BasinName {
  refuse(text, "basin name", basinNameRule, code);
  return text as BasinName;
}

/** @throws {S2Error} with the given code (default `INVALID_ARGUMENT`) and the broken rule. */
export function parseStreamName(text: string, code?: S2ErrorOptions["code"]): StreamName {
  refuse(text, "stream name", streamNameRule, code);
  return text as StreamName;
}

/** @throws {S2Error} with the given code (default `INVALID_ARGUMENT`) and the broken rule. */
export function parseAccessTokenId(text: string, code?: S2ErrorOptions["code"]): AccessTokenId {
  refuse(text, "access token id", accessTokenIdRule, code);
  return text as AccessTokenId;
}

/** @throws {S2Error} with the given code (default `INVALID_ARGUMENT`) and the broken rule. */
export function parseLocationName(text: string, code?: S2ErrorOptions["code"]): LocationName {
  refuse(text, "location name", locationNameRule, code);
  return text as LocationName;
}

function refuse(
  text: unknown,
  kind: string,
  ruleOf: (text: string) => BrokenRule,
  code: S2ErrorOptions["code"] = "INVALID_ARGUMENT",
): void {
  const rule =
    typeof text === "string" ? ruleOf(text) : `${kind} must be text given=${typeof text}`;
  if (rule !== undefined) throw new S2Error({ code, message: rule });
}

function basinCharacterRule(text: string, kind: string, isWhole: boolean): BrokenRule {
  if (!/^[a-z0-9]/.test(text)) return `${kind} must begin with a lowercase letter or number`;
  if (isWhole && !/[a-z0-9]$/.test(text))
    return `${kind} must end with a lowercase letter or number`;
  if (!/^[a-z0-9-]+$/.test(text))
    return `${kind} must comprise lowercase letters, numbers, and hyphens`;
  return undefined;
}

function freeNameRule(text: string, kind: string, maxBytes: number): BrokenRule {
  if (text === "") return `${kind} must not be empty`;
  if (text === "." || text === "..") return `${kind} must not be "." or ".."`;
  return freePrefixRule(text, kind, maxBytes);
}

function freePrefixRule(text: string, kind: string, maxBytes: number): BrokenRule {
  if (utf8ByteLength(text) > maxBytes) return tooLong(kind, maxBytes);
  if (text.includes("\0")) return `${kind} must not contain NUL bytes`;
  if (!isWellFormed(text)) return `${kind} must be valid UTF-8`;
  return undefined;
}

function tooLong(kind: string, maxBytes: number): string {
  return `${kind} must not exceed ${maxBytes} bytes in length`;
}
