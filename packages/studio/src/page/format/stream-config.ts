// A configuration of streams as the answers of a form, in words, and as the API wants it. Pure.
// Each setting has three answers: leave it to the basin (or to the server), or one of its values.

import { duration, parseDurationSecs } from "./times.js";

export type Inherit = "";

/** What the fields say; the empty text leaves the setting to whom it is inherited from. */
export interface ConfigFields {
  readonly storageClass: string;
  readonly retention: "age" | "infinite" | Inherit;
  readonly age: string;
  readonly timestamping: string;
  readonly uncapped: "false" | "true" | Inherit;
  readonly deleteOnEmpty: string;
}

export const EMPTY_FIELDS: ConfigFields = {
  storageClass: "",
  retention: "",
  age: "7d",
  timestamping: "",
  uncapped: "",
  deleteOnEmpty: "",
};

export interface AnyConfig {
  readonly storageClass?: string | undefined;
  readonly retentionPolicy?:
    | { readonly ageSecs: number }
    | { readonly infinite: object }
    | undefined;
  readonly timestamping?:
    | { readonly mode?: string | undefined; readonly uncapped?: boolean | undefined }
    | undefined;
  readonly deleteOnEmpty?: { readonly minAgeSecs?: number | undefined } | undefined;
}

export function fieldsOf(config: AnyConfig): ConfigFields {
  const { retentionPolicy: retention, deleteOnEmpty } = config;
  const age = retention !== undefined && "ageSecs" in retention ? retention.ageSecs : undefined;
  return {
    storageClass: config.storageClass ?? "",
    retention: retention === undefined ? "" : age === undefined ? "infinite" : "age",
    age: age === undefined ? "7d" : compact(age),
    timestamping: config.timestamping?.mode ?? "",
    uncapped:
      config.timestamping?.uncapped === undefined
        ? ""
        : config.timestamping.uncapped
          ? "true"
          : "false",
    deleteOnEmpty: deleteOnEmpty?.minAgeSecs === undefined ? "" : compact(deleteOnEmpty.minAgeSecs),
  };
}

/** A configuration in words, setting by setting. */
export function describeConfig(config: AnyConfig): readonly (readonly [string, string])[] {
  const { retentionPolicy: retention, timestamping, deleteOnEmpty } = config;
  const minAge = deleteOnEmpty?.minAgeSecs;
  return [
    ["Storage class", config.storageClass ?? "inherited"],
    [
      "Records are kept",
      retention === undefined
        ? "inherited"
        : "ageSecs" in retention
          ? duration(retention.ageSecs)
          : "for ever",
    ],
    ["Timestamps", timestamping?.mode ?? "inherited"],
    [
      "Ahead of arrival",
      timestamping?.uncapped === undefined
        ? "inherited"
        : timestamping.uncapped
          ? "allowed"
          : "capped",
    ],
    [
      "Deleted when empty",
      minAge === undefined ? "inherited" : minAge === 0 ? "never" : `after ${duration(minAge)}`,
    ],
  ];
}

/** @throws {Error} naming the field that cannot be read */
export function configOf(fields: ConfigFields, unset: null | undefined): object {
  const age = parseDurationSecs(fields.age);
  if (fields.retention === "age" && (age === undefined || age === 0))
    throw new Error("Records are kept: expected a duration such as 7d, 12h or 30min");
  const minAge = fields.deleteOnEmpty === "" ? unset : parseDurationSecs(fields.deleteOnEmpty);
  if (minAge === undefined && fields.deleteOnEmpty !== "")
    throw new Error("Deleted when empty: expected a duration such as 1h, or 0 for never");
  const hasTimes = unset === null || fields.timestamping !== "" || fields.uncapped !== "";
  const all: Record<string, unknown> = {
    storageClass: fields.storageClass === "" ? unset : fields.storageClass,
    retentionPolicy:
      fields.retention === ""
        ? unset
        : fields.retention === "infinite"
          ? { infinite: {} }
          : { ageSecs: age },
    timestamping: hasTimes
      ? without({
          mode: fields.timestamping === "" ? unset : fields.timestamping,
          uncapped: fields.uncapped === "" ? unset : fields.uncapped === "true",
        })
      : undefined,
    deleteOnEmpty: minAge === undefined ? undefined : { minAgeSecs: minAge },
  };
  return without(all);
}

function without(all: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function compact(secs: number): string {
  for (const [size, unit] of [
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
  ] as const)
    if (secs > 0 && secs % size === 0) return `${secs / size}${unit}`;
  return `${secs}`;
}
