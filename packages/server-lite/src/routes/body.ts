// Small readers of JSON bodies that several routes need beside core's codecs. Failures are
// `bad_json` with the path of the field. Spec: control-plane#json.

import { S2Error } from "@s2kit/core";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {S2Error} `bad_json` */
export function requiredObject(json: unknown, field = "body"): JsonObject {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as JsonObject;
  throw badJson(`expected an object field=${field}`);
}

/** @throws {S2Error} `bad_json` */
export function requiredString(body: JsonObject, field: string): string {
  const value = body[field];
  if (typeof value === "string") return value;
  throw badJson(`expected a string field=${field}`);
}

/** Absent and null alike give undefined. */
export function optionalField<T = unknown>(
  body: JsonObject,
  field: string,
  read?: (json: unknown, field: string) => T,
): T | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  return read === undefined ? (value as T) : read(value, field);
}

export function badJson(message: string): S2Error {
  return new S2Error({ code: "bad_json", message });
}
