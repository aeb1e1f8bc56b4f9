// Where reading starts: the tail, the first record, a number, a time (chosen, or "10 min ago").
// Writes the choice into the address, which the screen reads.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { parseTime } from "../../format/times.js";
import { route, setQuery } from "../../state/route.js";

type Kind = "seq" | "start" | "tail" | "time";

function kindOf(from: string): Kind {
  if (from === "seq:0") return "start";
  return from.startsWith("seq:") ? "seq" : from.startsWith("time:") ? "time" : "tail";
}

export function StartPicker() {
  const from = route.value.query.get("from") ?? "tail";
  const chosen = useSignal<Kind | undefined>(undefined);
  const kind = chosen.value ?? kindOf(from);
  const isBad = useSignal(false);
  const id = useId();
  const choose = (next: Kind): void => {
    chosen.value = next === "seq" || next === "time" ? next : undefined;
    isBad.value = false;
    if (next === "tail") setQuery({ from: undefined, live: undefined, record: undefined });
    if (next === "start") setQuery({ from: "seq:0", live: undefined });
  };
  const set = (value: string): void => {
    const isNumber = /^\s*#?[\d,]+\s*$/.test(value);
    const time = parseTime(value);
    isBad.value = kind === "seq" ? !isNumber : time === undefined;
    if (isBad.value) return;
    chosen.value = undefined;
    setQuery({
      from: kind === "seq" ? `seq:${value.replace(/[^\d]/g, "")}` : `time:${time}`,
      live: undefined,
    });
  };
  const value =
    kind === kindOf(from) && from.includes(":") ? from.slice(from.indexOf(":") + 1) : "";
  return (
    <div class="start">
      <label for={id}>From</label>
      <select
        id={id}
        value={kind}
        onChange={({ currentTarget }) => choose(currentTarget.value as Kind)}
      >
        <option value="tail">the tail</option>
        <option value="start">the first record</option>
        <option value="seq">number…</option>
        <option value="time">time…</option>
      </select>
      {kind === "seq" && (
        <input
          aria-label="Sequence number"
          class="short"
          inputMode="numeric"
          defaultValue={value}
          placeholder="42"
          aria-invalid={isBad.value}
          onChange={({ currentTarget }) => set(currentTarget.value)}
        />
      )}
      {kind === "time" && (
        <>
          <input
            aria-label="Time or how long ago"
            class="short"
            list="agos"
            placeholder="10 min ago"
            aria-invalid={isBad.value}
            defaultValue={value === "" ? "" : new Date(Number(value)).toISOString()}
            onChange={({ currentTarget }) => set(currentTarget.value)}
          />
          <datalist id="agos">
            {["1 min ago", "10 min ago", "1 h ago", "1 d ago"].map((text) => (
              <option key={text} value={text} />
            ))}
          </datalist>
          <input
            type="datetime-local"
            step="1"
            aria-label="Date and time"
            onChange={({ currentTarget }) => set(currentTarget.value)}
          />
        </>
      )}
    </div>
  );
}
