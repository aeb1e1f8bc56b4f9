// What a kind of row in the metadata is: where its keys lie, and how its value is read. The files
// beside this one hold one kind each, `all-kinds` lists them. Keys are text in byte order; values
// are JSON, read field by field, so that what is not understood is an error here and nowhere
// behind. Pure.

import { encodeUtf8 } from "@s2kit/core";
import type { Mutation } from "../../../storage/storage.js";

/** A kind as it is read, whatever its keys are made of. */
export interface RowKind<Value> {
  /** Begins all keys of this kind, and none of another. */
  readonly prefix: string;
  /** @throws {S2Error} `storage` for a value that is none of this kind */
  decode(json: unknown): Value;
}

export interface KeyKind<Parts, Value> extends RowKind<Value> {
  key(parts: Parts): string;
  /** The parts of a key, from what stands behind the prefix. */
  partsOf(name: string): Parts;
}

/** The parts of a key that is the only one of its kind. */
export const ONLY = undefined;

/** A kind with one key, which is its prefix. */
export function singleKind<Value>(
  key: string,
  decode: (json: unknown) => Value,
): KeyKind<typeof ONLY, Value> {
  return { prefix: key, key: () => key, partsOf: () => ONLY, decode };
}

/** A kind whose keys are a name behind the prefix. */
export function namedKind<Value>(
  prefix: string,
  decode: (json: unknown) => Value,
): KeyKind<string, Value> {
  return { prefix, key: (name) => prefix + name, partsOf: (name) => name, decode };
}

export function put<Parts, Value>(
  kind: KeyKind<Parts, Value>,
  parts: Parts,
  value: Value,
): Mutation {
  return {
    kind: "put",
    key: encodeUtf8(kind.key(parts)),
    value: encodeUtf8(JSON.stringify(value)),
  };
}

export function remove<Parts>(kind: KeyKind<Parts, unknown>, parts: Parts): Mutation {
  return { kind: "delete", key: encodeUtf8(kind.key(parts)) };
}
