// Small checks of parsed JSON: each returns the value in its type or throws `bad_json` with the
// path of the field. Unknown fields are ignored; null counts as absent for optional fields.
// Spec: control-plane#json.

import { S2Error } from "../error.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses JSON text. @throws {S2Error} `bad_json` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badJson(`malformed JSON: ${reason}`);
  }
}

export function object(value: unknown, field: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as JsonObject;
  throw badJson(`expected an object field=${field}`);
}

export function array(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw badJson(`expected an array field=${field}`);
}

export function string(value: unknown, field: string): string {
  if (typeof value === "string") return value;
  throw badJson(`expected a string field=${field}`);
}

export function boolean(value: unknown, field: string): boolean {
  if (typeof value === "boolean") return value;
  throw badJson(`expected a boolean field=${field}`);
}

/**
 * A uint64. Values above 2^53 - 1 come back as some number at or above 2^53 (JSON parsing has
 * rounded them already, but never across that line): the caller saturates or refuses.
 */
export function uint64(value: unknown, field: string): number {
  const isWhole = typeof value === "number" && Number.isInteger(value) && !Object.is(value, -0);
  if (isWhole && value >= 0 && value <= 2 ** 64) return value;
  throw badJson(`expected an unsigned 64-bit integer field=${field}`);
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  if (typeof value === "string" && (allowed as readonly string[]).includes(value))
    return value as T;
  throw badJson(`expected one of ${allowed.join(", ")} field=${field}`);
}

/** Absent and null alike give undefined. */
export function optional<T>(
  value: unknown,
  field: string,
  read: (value: unknown, field: string) => T,
): T | undefined {
  return value === undefined || value === null ? undefined : read(value, field);
}

/** For patches: absent gives undefined, null stays null. */
export function nullable<T>(
  value: unknown,
  field: string,
  read: (value: unknown, field: string) => T,
): T | null | undefined {
  return value === undefined || value === null ? value : read(value, field);
}

export function badJson(message: string): S2Error {
  return new S2Error({ code: "bad_json", message });
}
