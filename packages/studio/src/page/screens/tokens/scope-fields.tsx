// The fields of a scope: what a token may touch, and the matrix of what it may do there.
// Part of the form of a new token.

import { Check, Choice, TextField } from "../../parts/fields.js";
import { MATRIX, type ScopeFields, type SetFields } from "./scope.js";

type Change = Partial<ScopeFields>;

const RESOURCES = [
  ["Basins", "basins"],
  ["Streams", "streams"],
  ["Access tokens", "accessTokens"],
] as const;

export function ScopeForm({
  scope,
  onChange,
}: {
  readonly scope: ScopeFields;
  readonly onChange: (change: Change) => void;
}) {
  return (
    <div class="columns">
      {RESOURCES.map(([label, key]) => (
        <Resources
          key={key}
          label={label}
          value={scope[key]}
          onChange={(value) => onChange({ [key]: value })}
        />
      ))}
    </div>
  );
}

function Resources({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: SetFields;
  readonly onChange: (value: SetFields) => void;
}) {
  const hasName = value.kind === "exact" || value.kind === "prefix";
  return (
    <div>
      <Choice
        label={label}
        value={value.kind}
        onChange={(kind) => onChange({ ...value, kind: kind as SetFields["kind"] })}
        options={[
          ["all", "all"],
          ["prefix", "that begin with…"],
          ["exact", "only…"],
          ["none", "none"],
        ]}
      />
      {hasName && (
        <TextField
          label={`${label}: name`}
          value={value.name}
          onChange={(name) => onChange({ ...value, name })}
        />
      )}
    </div>
  );
}

export function Matrix({
  value,
  onChange,
}: {
  readonly value: ReadonlySet<string>;
  readonly onChange: (value: ReadonlySet<string>) => void;
}) {
  const toggle = (operations: readonly string[], on: boolean): void => {
    const next = new Set(value);
    for (const operation of operations)
      if (on) next.add(operation);
      else next.delete(operation);
    onChange(next);
  };
  return (
    <table class="matrix">
      <caption>Operations</caption>
      <thead>
        <tr>
          <th scope="col">On</th>
          <th scope="col">Read</th>
          <th scope="col">Write</th>
        </tr>
      </thead>
      <tbody>
        {MATRIX.map(([title, groups]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {(["read", "write"] as const).map((kind) => (
              <td key={kind}>
                {groups[kind].length > 1 && (
                  <Check
                    label="all of these"
                    isOn={groups[kind].every((operation) => value.has(operation))}
                    onChange={(on) => toggle(groups[kind], on)}
                  />
                )}
                {groups[kind].map((operation) => (
                  <Check
                    key={operation}
                    label={operation}
                    isOn={value.has(operation)}
                    onChange={(on) => toggle([operation], on)}
                  />
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
