// What one entry of the system is to the fuzzer: bytes go in, and a word for what came of them comes out.
// Whatever is thrown is a find; a refusal with a code is none.

import { S2Error } from "@s2kit/core";

export interface Entry {
  readonly name: string;
  /** In a line: what reads such bytes, and from whom they come. */
  readonly reads: string;
  /** Inputs that are well formed, by name: made by the codecs, so that they follow the formats. */
  seeds(): Readonly<Record<string, Uint8Array>> | Promise<Readonly<Record<string, Uint8Array>>>;
  /** Texts that mean something here. */
  readonly words?: readonly string[];
  /** Longest input; default 4096. */
  readonly maxBytes?: number;
  /** Processor time that an input may take, ms; default 3000. */
  readonly slowMs?: number;
  /** A change that keeps the structure, or makes checksums fit again. */
  restructure?(bytes: Uint8Array, choose: Choose): Uint8Array;
  /**
   * Feeds the input, and compares whatever must agree.
   *
   * @returns what came of it, without what varies: inputs with a new word are worth keeping
   * @throws when it is a find
   */
  check(bytes: Uint8Array): string | Promise<string>;
  /** For entries that hold a server; the next check opens it anew. */
  close?(): Promise<void>;
}

/** A whole number from `min` to `max`, both inclusive. */
export type Choose = (min: number, max: number) => number;

/** Two readers of the same thing differ. */
export class Disagreement extends Error {
  constructor(what: string, left: unknown, right: unknown) {
    super(`${what}: ${shown(left)} is not ${shown(right)}`);
    this.name = "Disagreement";
  }
}

export function agree(what: string, left: unknown, right: unknown): void {
  const [a, b] = [shown(left), shown(right)];
  if (a !== b) throw new Disagreement(what, left, right);
}

/** As JSON, with bytes as base64 and what JSON leaves out as text. */
function shown(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, shaped: unknown) {
    // Buffers have a JSON of their own, which comes before this.
    const each = this[key];
    if (each instanceof Uint8Array) return Buffer.from(each).toString("base64");
    return typeof each === "bigint" || each === undefined ? String(each) : shaped;
  });
}

export type Outcome<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "refused"; readonly word: string; readonly code: string };

/** What a reader says; anything thrown that has no code is a find. */
export function outcomeOf<T>(read: () => T): Outcome<T> {
  try {
    return { kind: "value", value: read() };
  } catch (error) {
    return refusal(error);
  }
}

export async function lateOutcomeOf<T>(read: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: "value", value: await read() };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): {
  readonly kind: "refused";
  readonly word: string;
  readonly code: string;
} {
  if (error instanceof S2Error && error.code !== "INTERNAL_ERROR")
    return {
      kind: "refused",
      code: error.code,
      word: wordOf(`${error.code} ${error.rawMessage}`),
    };
  // Refusals of the command line have an exit code instead.
  if (error instanceof Error && error.name === "CliError" && "exitCode" in error)
    return { kind: "refused", code: `exit ${String(error.exitCode)}`, word: wordOf(error.message) };
  throw error;
}

/** The words of a message, without what varies: numbers, quoted texts, and all from `key=value` on. */
export function wordOf(message: string): string {
  return message
    .replace(/\s?[\w.]+=.*/s, "")
    .replace(/"[^"]*"|`[^`]*`|'[^']*'/g, "")
    .replace(/[^a-z_]+/gi, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase()
    .slice(0, 60);
}

export function codeOf(outcome: Outcome<unknown>): string {
  return outcome.kind === "value" ? "ok" : outcome.code;
}

export function wordFor(outcome: Outcome<unknown>, value = "ok"): string {
  return outcome.kind === "value" ? value : outcome.word;
}

/** All ways to cut short bytes in two, some of long ones, and byte by byte. */
export function* cutsOf(bytes: Uint8Array): IterableIterator<readonly Uint8Array[]> {
  const step = Math.max(1, Math.ceil(bytes.length / 48));
  for (let at = 1; at < bytes.length; at += step) yield [bytes.subarray(0, at), bytes.subarray(at)];
  if (bytes.length > 0 && bytes.length <= 256)
    yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

export const utf8: { encode(text: string): Uint8Array } = new TextEncoder();

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
