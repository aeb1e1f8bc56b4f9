// The form that fences a stream, or takes its fence away.
// Drawn by the screen of fence and trim.

import { useSignal } from "@preact/signals";
import { count } from "../../format/numbers.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { TypedConfirmation } from "../../parts/dialog.js";
import { TextField } from "../../parts/fields.js";
import { Failed, failureIn } from "../../parts/notices.js";
import type { Failure, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { say } from "../../state/dialogs.js";
import { fenceAs } from "./control-as.js";

export function Fence({ basin, stream }: StreamTarget) {
  const fresh = useSignal("");
  const held = useSignal("");
  const isAsking = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const size = new TextEncoder().encode(fresh.value).length;
  const fence = async (): Promise<void> => {
    isAsking.value = false;
    failure.value = undefined;
    try {
      const ack = await call(
        "fence",
        basin,
        stream,
        fresh.value,
        held.value === "" ? undefined : held.value,
      );
      say(
        fresh.value === ""
          ? "The fence is gone"
          : `Fenced; it is record ${count(ack.start.seqNum)}`,
      );
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        isAsking.value = true;
      }}
    >
      <TextField
        label="New token"
        value={fresh.value}
        hint={`${size} of 36 bytes; empty takes the fence away`}
        onChange={(value) => (fresh.value = value)}
      />
      <TextField
        label="Token in force"
        value={held.value}
        hint="if the stream is fenced; else leave it empty"
        onChange={(value) => (held.value = value)}
      />
      <p class="effect" role="status">
        {fresh.value === ""
          ? "Takes the fence away."
          : "Writers that name another token are refused from then on."}
      </p>
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        <CopyAsButton make={() => fenceAs({ basin, stream }, fresh.value, held.value)} />
        <button type="submit" class="danger" disabled={size > 36}>
          Fence…
        </button>
      </p>
      {isAsking.value && (
        <TypedConfirmation
          title="Fence this stream"
          name={stream}
          action={fresh.value === "" ? "Take the fence away" : "Fence"}
          onConfirm={() => void fence()}
          onClose={() => (isAsking.value = false)}
        >
          <p>Writers that hold another token stop at their next append.</p>
        </TypedConfirmation>
      )}
    </form>
  );
}
