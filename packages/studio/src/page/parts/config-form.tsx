// A configuration of streams as a form that knows three answers for each setting: leave it to the
// basin (or to the server), or one of its values. Used for new streams, for the defaults of basins,
// and for changes.

import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { duration, parseDurationSecs } from "../format/times.js";

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

interface AnyConfig {
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

export function ConfigForm({
  fields,
  inherits,
  from,
}: {
  readonly fields: Signal<ConfigFields>;
  /** What an inherited setting is; undefined while nobody knows. */
  readonly inherits: AnyConfig | undefined;
  readonly from: string;
}) {
  const value = fields.value;
  const set = (change: Partial<ConfigFields>): void => {
    fields.value = { ...fields.peek(), ...change };
  };
  const words = inherits === undefined ? [] : describeConfig(inherits).map(([, text]) => text);
  const inherited = (at: number): string =>
    words[at] === undefined || words[at] === "inherited"
      ? `inherited from ${from}`
      : `${words[at]} (from ${from})`;
  return (
    <div class="fields">
      <Choice
        label="Storage class"
        value={value.storageClass}
        onChange={(storageClass) => set({ storageClass })}
        options={[
          ["", inherited(0)],
          ["express", "express: fast"],
          ["standard", "standard: cheap"],
        ]}
      />
      <Choice
        label="Records are kept"
        value={value.retention}
        onChange={(retention) => set({ retention: retention as ConfigFields["retention"] })}
        options={[
          ["", inherited(1)],
          ["age", "for a time"],
          ["infinite", "for ever"],
        ]}
      />
      {value.retention === "age" && (
        <TextField
          label="For how long"
          value={value.age}
          hint="such as 7d, 12h, 30min"
          onChange={(age) => set({ age })}
        />
      )}
      <Choice
        label="Timestamps"
        value={value.timestamping}
        onChange={(timestamping) => set({ timestamping })}
        options={[
          ["", inherited(2)],
          ["client-prefer", "the writer's, or of arrival"],
          ["client-require", "the writer's, required"],
          ["arrival", "of arrival"],
        ]}
      />
      <Choice
        label="Ahead of arrival"
        value={value.uncapped}
        onChange={(uncapped) => set({ uncapped: uncapped as ConfigFields["uncapped"] })}
        options={[
          ["", inherited(3)],
          ["false", "capped at arrival"],
          ["true", "allowed"],
        ]}
      />
      <TextField
        label="Deleted when empty for"
        value={value.deleteOnEmpty}
        placeholder={inherited(4)}
        hint="0 never deletes; empty leaves it inherited"
        onChange={(deleteOnEmpty) => set({ deleteOnEmpty })}
      />
    </div>
  );
}

export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function TextField({
  label,
  value,
  hint,
  placeholder,
  isFirst = false,
  type = "text",
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly hint?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly isFirst?: boolean;
  readonly type?: "password" | "text";
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type as "text"}
        value={value}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        data-first={isFirst ? "" : undefined}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {hint !== undefined && (
        <small class="hint" id={`${id}-hint`}>
          {hint}
        </small>
      )}
    </div>
  );
}

export function Check({
  label,
  isOn,
  onChange,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
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
