// Parsers for the values of flags and arguments. Each takes the text and answers the value, or
// throws a usage error that names what is allowed. Pure.

import { accessTokenIdRule, fencingTokenRule, locationNameRule, U64_BEYOND } from "@s2kit/core";
import { type StorageClass, storageClassRule } from "@s2kit/core/control";
import { usageError } from "./failure.js";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** 0 to 2^64 - 1; what a number cannot hold becomes "beyond everything", never rounded. */
export function parseU64(text: string): number {
  const value = parseBigU64(text);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? U64_BEYOND : Number(value);
}

/** 0 to 2^64 - 1, exact. */
export function parseBigU64(text: string): bigint {
  const value = /^[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > U64_MAX)
    throw usageError(`expected an integer from 0 to 2^64 - 1 value=${JSON.stringify(text)}`);
  return value;
}

/** An integer within bounds, both inclusive. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < min || value > max)
      throw usageError(`expected an integer from ${min} to ${max} value=${JSON.stringify(text)}`);
    return value;
  };
}

/** true/false in every spelling that people use in environments. */
export function parseBoolean(text: string): boolean {
  switch (text.trim().toLowerCase()) {
    case "1":
    case "true":
    case "yes":
    case "on":
      return true;
    case "0":
    case "false":
    case "no":
    case "off":
      return false;
    default:
      throw usageError(`expected true or false value=${JSON.stringify(text)}`);
  }
}

/** A regular expression, as JavaScript writes them. */
export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw usageError(`not a regular expression: ${(error as Error).message}`);
  }
}

/** One of a closed list. */
export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined)
      throw usageError(`expected one of ${choices.join(", ")} value=${JSON.stringify(text)}`);
    return choice;
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1000,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
};

/** Bytes with an optional unit: `128MiB`, `64kb`, `4096`. */
export function parseBytes(text: string): number {
  const part = /^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  const unit = SIZE_UNITS[(part?.[2] ?? "-").toLowerCase()];
  const bytes = part === null || unit === undefined ? Number.NaN : Number(part[1]) * unit;
  if (!Number.isSafeInteger(Math.round(bytes)))
    throw usageError(
      `invalid size value=${JSON.stringify(text)}`,
      "write bytes with a unit, e.g. 4096, 64KiB, 128MiB",
    );
  return Math.round(bytes);
}

/** At most 36 bytes of UTF-8; may be empty. */
export function parseFencingToken(text: string): string {
  const rule = fencingTokenRule(text);
  if (rule !== undefined) throw usageError(rule);
  return text;
}

/** An instant: RFC 3339, or milliseconds since the epoch. */
export function parseInstant(text: string): Date {
  const instant = new Date(/^[0-9]+$/.test(text) ? Number(text) : text);
  if (Number.isNaN(instant.getTime()))
    throw usageError(
      `invalid time value=${JSON.stringify(text)}`,
      "write RFC 3339, e.g. 2030-01-31T12:00:00Z",
    );
  return instant;
}

/** 1 to 64 of ASCII letters, digits, `:`, `-` and `.`. */
export function parseLocation(text: string): string {
  const rule = locationNameRule(text);
  if (rule !== undefined) throw usageError(rule);
  return text;
}

/** Any name of at most 64 bytes: each location has classes of its own. */
export function parseStorageClass(text: string): StorageClass {
  const rule = storageClassRule(text);
  if (rule !== undefined) throw usageError(rule);
  return text;
}

/** 1 to 96 bytes. */
export function parseTokenId(text: string): string {
  const rule = accessTokenIdRule(text);
  if (rule !== undefined) throw usageError(rule);
  return text;
}

/**
 * A name of a context: 1 to 64 letters, digits, dots, hyphens and underscores.
 *
 * @throws {CliError} exit code 2
 */
export function parseContextName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw usageError(
    "not a name of a context",
    "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first",
  );
}
