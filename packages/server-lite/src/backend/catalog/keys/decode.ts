// Reads the JSON of stored values piece by piece: each function answers a value of its type, or
// refuses with an error that says what was found instead. Only for what the server wrote itself.
// Pure.

import { storageError } from "../../../storage/durability.js";

export type Decode<T> = (json: unknown) => T;

export const text: Decode<string> = (json) =>
  typeof json === "string" ? json : refuse("a text", json);

export const number: Decode<number> = (json) =>
  typeof json === "number" ? json : refuse("a number", json);

export const flag: Decode<boolean> = (json) =>
  typeof json === "boolean" ? json : refuse("true or false", json);

export function oneOf<T extends string>(values: readonly T[]): Decode<T> {
  return (json) => values.find((value) => value === json) ?? refuse(values.join(" or "), json);
}

/** Absent is undefined; so is null, which no value of ours is. */
export function optional<T>(decode: Decode<T>): Decode<T | undefined> {
  return (json) => (json === undefined || json === null ? undefined : decode(json));
}

export function listOf<T>(decode: Decode<T>): Decode<readonly T[]> {
  return (json) => (Array.isArray(json) ? json.map(decode) : refuse("a list", json));
}

/** A list of numbers, at least as many. */
export function numbers(atLeast: number): Decode<readonly number[]> {
  return (json) =>
    Array.isArray(json) && json.length >= atLeast
      ? json.map(number)
      : refuse(`a list of ${atLeast} numbers`, json);
}

export function mapOf<T>(decode: Decode<T>): Decode<Readonly<Record<string, T>>> {
  return (json) =>
    Object.fromEntries(Object.entries(object(json)).map(([name, value]) => [name, decode(value)]));
}

/** The fields of an object, to be decoded one by one. */
export const object: Decode<Readonly<Record<string, unknown>>> = (json) =>
  typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as Record<string, unknown>)
    : refuse("an object", json);

function refuse(wanted: string, found: unknown): never {
  const kind = found === null ? "null" : Array.isArray(found) ? "a list" : typeof found;
  throw storageError(`a stored value is not understood wanted=${wanted} found=${kind}`);
}
