// DER, as far as a certificate needs it: values of ASN.1 as bytes. Pure; its only caller is `x509`.
// ITU-T X.690, chapters 8 and 10.
//
//    ┌─────────┬──────────────────────────────┬─────────┐
//    │ tag (1) │ length: < 128 in one byte,   │ content │
//    │         │ else 0x80 + n, then n bytes  │         │
//    └─────────┴──────────────────────────────┴─────────┘

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

export const DER_TRUE: Uint8Array = Uint8Array.of(0x01, 0x01, 0xff);

function value(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(content.length)), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => value(SEQUENCE, ...parts);

/** A set of one: the order of more is not looked after. */
export const setOf = (part: Uint8Array): Uint8Array => value(SET, part);

export const octetString = (bytes: Uint8Array): Uint8Array => value(OCTET_STRING, bytes);

export const utf8String = (text: string): Uint8Array => value(UTF8_STRING, Buffer.from(text));

/** @param unused - bits at the end of the last byte that do not count */
export const bitString = (bytes: Uint8Array, unused = 0): Uint8Array =>
  value(BIT_STRING, Uint8Array.of(unused), bytes);

/** `[number]` around a whole value. */
export const explicit = (number: number, part: Uint8Array): Uint8Array =>
  value(CONTEXT + CONSTRUCTED + number, part);

/** `[number]` in place of the tag of a value without parts. */
export const implicit = (number: number, content: Uint8Array): Uint8Array =>
  value(CONTEXT + number, content);

/** @param magnitude - big-endian; the number is not negative */
export function integer(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  // The first bit is the sign.
  return value(INTEGER, (bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...bytes) : bytes);
}

/** @param dotted - such as `2.5.29.17` */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return value(
    OBJECT_IDENTIFIER,
    Uint8Array.from([first * 40 + second, ...others].flatMap(base128)),
  );
}

function base128(number: number): number[] {
  const bytes = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 + (rest % 128));
  return bytes;
}

/** To the second; in two digits of a year up to 2049, as RFC 5280 (4.1.2.5) wants it. */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return Number(digits.slice(0, 4)) < 2050
    ? value(UTC_TIME, Buffer.from(digits.slice(2)))
    : value(GENERALIZED_TIME, Buffer.from(digits));
}
