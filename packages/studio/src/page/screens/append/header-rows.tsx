// The headers of what is appended, a row each.
// Part of the form of the screen.

export function HeaderRows({
  rows,
  onChange,
}: {
  readonly rows: readonly (readonly [string, string])[];
  readonly onChange: (rows: readonly (readonly [string, string])[]) => void;
}) {
  const set = (at: number, row: readonly [string, string]): void =>
    onChange(rows.map((old, i) => (i === at ? row : old)));
  return (
    <div class="header-rows">
      {rows.map(([name, value], at) => (
        <div key={at} class="header-row">
          <input
            aria-label={`Name of header ${at + 1}`}
            placeholder="name"
            value={name}
            onInput={({ currentTarget }) => set(at, [currentTarget.value, value])}
          />
          <input
            aria-label={`Value of header ${at + 1}`}
            placeholder="value"
            value={value}
            onInput={({ currentTarget }) => set(at, [name, currentTarget.value])}
          />
          <button
            type="button"
            class="icon"
            aria-label={`Remove header ${at + 1}`}
            onClick={() => onChange(rows.filter((_, i) => i !== at))}
          >
            ✕
          </button>
        </div>
      ))}
      <button type="button" class="quiet" onClick={() => onChange([...rows, ["", ""]])}>
        Add a header
      </button>
    </div>
  );
}
