// The form that trims a stream: a number to keep from, or an age; what that removes, in numbers,
// and that typed in before it is sent. Drawn by the screen of fence and trim.

import { type Signal, useSignal } from "@preact/signals";
import { count, counted } from "../../format/numbers.js";
import { parseTime } from "../../format/times.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { TypedConfirmation } from "../../parts/dialog.js";
import { TextField } from "../../parts/fields.js";
import { Failed, failureIn } from "../../parts/notices.js";
import type { Failure, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { say } from "../../state/dialogs.js";
import { trimAs } from "./control-as.js";

/** What the stream holds: from the first that is kept to before the tail. */
interface Ends {
  readonly first: number;
  readonly tail: number;
}

/** What a trim at a number does. */
type Effect =
  | { readonly kind: "unknown" }
  | { readonly kind: "beyond" }
  | { readonly kind: "removes"; readonly point: number; readonly removed: number };

const AGES = ["1 h ago", "1 d ago", "7 d ago"];

export function Trim({
  basin,
  stream,
  first,
  tail,
  onDone,
}: StreamTarget & Ends & { readonly onDone: () => void }) {
  const point = useSignal("");
  const token = useSignal("");
  const isAsking = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const effect = effectOf(point.value, { first, tail });
  const removed = effect.kind === "removes" ? effect.removed : 0;
  const at = effect.kind === "removes" ? effect.point : first;
  const trim = async (): Promise<void> => {
    isAsking.value = false;
    failure.value = undefined;
    try {
      const held = token.value === "" ? undefined : token.value;
      const ack = await call("trim", basin, stream, at, held);
      say(`Trim is record ${count(ack.start.seqNum)}; ${counted(removed, "record")} go`);
      point.value = "";
      onDone();
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        isAsking.value = removed > 0;
      }}
    >
      <Point {...{ basin, stream, first, tail, point, failure }} />
      <TextField
        label="Fencing token in force"
        value={token.value}
        hint="only if the stream is fenced"
        onChange={(value) => (token.value = value)}
      />
      <p class={`effect ${removed > 0 ? "will" : ""}`} role="status">
        {wordsOf(effect, { first, tail })}
      </p>
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        <CopyAsButton make={() => trimAs({ basin, stream }, at, token.value)} />
        <button type="submit" class="danger" disabled={removed === 0}>
          Trim…
        </button>
      </p>
      {isAsking.value && (
        <TypedConfirmation
          title={`Remove ${counted(removed, "record")}`}
          name={String(removed)}
          action="Remove them for good"
          onConfirm={() => void trim()}
          onClose={() => (isAsking.value = false)}
        >
          <p>
            Records {count(first)} to {count(first + removed - 1)} go and do not come back.
          </p>
        </TypedConfirmation>
      )}
    </form>
  );
}

/** The first number to keep: typed, all of them, or found by an age. */
function Point({
  basin,
  stream,
  first,
  tail,
  point,
  failure,
}: StreamTarget &
  Ends & { readonly point: Signal<string>; readonly failure: Signal<Failure | undefined> }) {
  const find = async (when: string): Promise<void> => {
    const timestamp = parseTime(when);
    if (timestamp === undefined) return;
    try {
      const found = await call("seqNumAt", basin, stream, timestamp);
      point.value = String(found ?? tail);
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <>
      <p class="num">
        {first === tail
          ? "The stream holds no records."
          : `The stream holds ${count(first)} to ${count(tail - 1)}: ${counted(tail - first, "record")}.`}
      </p>
      <TextField
        label="First number to keep"
        value={point.value}
        hint={`${count(first)} removes nothing, ${count(tail)} removes everything`}
        onChange={(value) => (point.value = value)}
      />
      <p class="actions start">
        <button type="button" class="quiet" onClick={() => (point.value = String(tail))}>
          Everything
        </button>
        {AGES.map((when) => (
          <button type="button" class="quiet" key={when} onClick={() => void find(when)}>
            Older than {when.replace(" ago", "")}
          </button>
        ))}
      </p>
    </>
  );
}

function effectOf(typed: string, { first, tail }: Ends): Effect {
  if (!/^[\d,]+$/.test(typed.trim())) return { kind: "unknown" };
  const point = Number(typed.replaceAll(",", ""));
  if (point > tail) return { kind: "beyond" };
  return { kind: "removes", point, removed: Math.max(point - first, 0) };
}

function wordsOf(effect: Effect, { first, tail }: Ends): string {
  switch (effect.kind) {
    case "unknown":
      return "Enter a number to see what goes.";
    case "beyond":
      return `The tail is ${count(tail)}: nothing beyond it can be removed yet.`;
    case "removes":
      return effect.removed === 0
        ? "Removes nothing."
        : `Removes ${counted(effect.removed, "record")}, ${count(first)} to ${count(first + effect.removed - 1)}.`;
  }
}
