// A configuration of streams as a form. Used for new streams, for the defaults of basins, and for
// changes.

import { type AnyConfig, type ConfigFields, describeConfig } from "../format/stream-config.js";
import { Choice, TextField } from "./fields.js";

export function ConfigForm({
  fields: value,
  onChange,
  inherits,
  from,
}: {
  readonly fields: ConfigFields;
  readonly onChange: (fields: ConfigFields) => void;
  /** What an inherited setting is; undefined while nobody knows. */
  readonly inherits: AnyConfig | undefined;
  readonly from: string;
}) {
  const set = (change: Partial<ConfigFields>): void => onChange({ ...value, ...change });
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
