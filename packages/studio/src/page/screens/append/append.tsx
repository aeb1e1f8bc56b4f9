// Writing to a stream: text, one JSON, a record for each line, or a file. Shows the acknowledgement
// and how long it took; a file goes in batches, with progress.

import { useSignal } from "@preact/signals";
import { Choice } from "../../parts/fields.js";
import { Form } from "../../parts/form.js";
import type { StreamTarget } from "../../protocol.js";
import { common } from "../../state/connection.js";
import { hasKey } from "../../state/stream-keys.js";
import { Acks, Progress } from "./acks.js";
import { appendAs } from "./append-as.js";
import type { Split } from "./batches.js";
import { BodyField, DropCard } from "./body-field.js";
import { batchesIn, type Draft, EMPTY_DRAFT } from "./draft.js";
import { HeaderRows } from "./header-rows.js";
import { OnlyIf } from "./only-if.js";
import { type Sent, sendBatches } from "./send.js";

const MAX_SHOWN = 8;

export function Append(target: StreamTarget) {
  const draft = useSignal(EMPTY_DRAFT);
  const progress = useSignal<{ done: number; all: number } | undefined>(undefined);
  const acks = useSignal<readonly Sent[]>([]);
  const { value } = draft;
  const set = (change: Partial<Draft>): void => {
    draft.value = { ...draft.peek(), ...change };
  };
  const take = (files: FileList | null | undefined): void => {
    const [file] = files ?? [];
    if (file === undefined) return;
    set({ file, split: value.split === "json" ? "text" : value.split });
  };
  const send = async (): Promise<void> => {
    const batches = await batchesIn(draft.value);
    const all = batches.reduce((sum, records) => sum + records.length, 0);
    const { match, token } = draft.value;
    const before = acks.value;
    progress.value = { done: 0, all };
    try {
      const conditions = { match: match === "" ? undefined : Number(match), token };
      await sendBatches(target, batches, conditions, (sent) => {
        acks.value = [sent, ...before].slice(0, MAX_SHOWN);
        progress.value = { done: sent.records, all };
        if (match !== "") set({ match: String(sent.end.seqNum) });
      });
    } finally {
      progress.value = undefined;
    }
  };
  return (
    <div class="cards two scroll">
      <DropCard onFiles={take}>
        <h2>Append</h2>
        <Form
          action={actionWords(progress.value !== undefined, acks.value.length > 0)}
          copyAs={() => appendAs(value, { ...target, ...common(), isKeyed: hasKey(target) })}
          send={send}
        >
          <Choice
            label="As"
            value={value.split}
            onChange={(split) => set({ split: split as Split })}
            options={[
              ["text", "one record"],
              ["json", "one record, checked to be JSON"],
              ["lines", "a record for each line"],
            ]}
          />
          <BodyField draft={draft} onFiles={take} onRemove={() => set({ file: undefined })} />
          <HeaderRows rows={value.headers} onChange={(headers) => set({ headers })} />
          <OnlyIf target={target} draft={draft} />
          {progress.value !== undefined && progress.value.all > 1 && (
            <Progress {...progress.value} />
          )}
        </Form>
      </DropCard>
      <section class="card" aria-live="polite">
        <h2>Acknowledged</h2>
        <Acks target={target} acks={acks.value} />
      </section>
    </div>
  );
}

function actionWords(isAppending: boolean, isAgain: boolean): string {
  if (isAppending) return "Appending…";
  return isAgain ? "Append again" : "Append";
}
