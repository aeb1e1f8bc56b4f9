// The conditions of an append: the number that its first record must get, the token in force.
// Part of the form of the screen.

import { type Signal, useSignal } from "@preact/signals";
import { TextField } from "../../parts/fields.js";
import { Failed, failureIn } from "../../parts/notices.js";
import type { Failure, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import type { Draft } from "./draft.js";

export function OnlyIf({
  target: { basin, stream },
  draft,
}: {
  readonly target: StreamTarget;
  readonly draft: Signal<Draft>;
}) {
  const failure = useSignal<Failure | undefined>(undefined);
  const set = (change: Partial<Draft>): void => {
    draft.value = { ...draft.peek(), ...change };
  };
  const fromTail = async (): Promise<void> => {
    failure.value = undefined;
    try {
      const { tail } = await call("checkTail", basin, stream);
      set({ match: String(tail.seqNum) });
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <details>
      <summary>Only if…</summary>
      <div class="fields">
        <div class="with-button">
          <TextField
            label="The first record gets number"
            value={draft.value.match}
            hint="empty: whatever comes next"
            onChange={(match) => set({ match: match.trim() })}
          />
          <button type="button" onClick={() => void fromTail()}>
            Use the tail
          </button>
        </div>
        <TextField
          label="Fencing token in force"
          value={draft.value.token}
          onChange={(token) => set({ token })}
        />
      </div>
      {failure.value !== undefined && <Failed failure={failure.value} />}
    </details>
  );
}
