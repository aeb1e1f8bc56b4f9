// Writing to a stream: text, one JSON, a record for each line, or a file. Shows the acknowledgement
// and how long it took; a file goes in batches, with progress.

import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { bytes, count, counted } from "../../format/numbers.js";
import { Choice, TextField } from "../../parts/fields.js";
import { Form } from "../../parts/form.js";
import { Failed, failureIn } from "../../parts/notices.js";
import { When } from "../../parts/when.js";
import type { Failure, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { hrefOf } from "../../state/route.js";
import { appendAs } from "./append-as.js";
import { batchesOf, type Split } from "./batches.js";
import { HeaderRows } from "./header-rows.js";
import { type Sent, sendBatches } from "./send.js";

/** What the form holds. */
interface Draft {
  readonly split: Split;
  readonly body: string;
  /** Instead of the body. */
  readonly file: File | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly match: string;
  readonly token: string;
}

const EMPTY: Draft = {
  split: "text",
  body: "",
  file: undefined,
  headers: [],
  match: "",
  token: "",
};
const MAX_SHOWN = 8;
const utf8 = new TextEncoder();

export function Append(target: StreamTarget) {
  const draft = useSignal(EMPTY);
  const isDragged = useSignal(false);
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
        const done = sent.end.seqNum - sent.start.seqNum;
        acks.value = [sent, ...before].slice(0, MAX_SHOWN);
        progress.value = { done, all };
        if (match !== "") set({ match: String(sent.end.seqNum) });
      });
    } finally {
      progress.value = undefined;
    }
  };
  return (
    <div class="cards two scroll">
      <section
        class={`card ${isDragged.value ? "dragged" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          isDragged.value = true;
        }}
        onDragLeave={() => (isDragged.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          isDragged.value = false;
          take(event.dataTransfer?.files);
        }}
      >
        <h2>Append</h2>
        <Form
          action={
            progress.value !== undefined
              ? "Appending…"
              : acks.value.length > 0
                ? "Append again"
                : "Append"
          }
          copyAs={() => appendAs(target, value.body, value.match, value.token)}
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
          <Body draft={draft} onFiles={take} onRemove={() => set({ file: undefined })} />
          <HeaderRows rows={value.headers} onChange={(headers) => set({ headers })} />
          <OnlyIf target={target} draft={draft} />
          {progress.value !== undefined && progress.value.all > 1 && (
            <Progress {...progress.value} />
          )}
        </Form>
      </section>
      <section class="card" aria-live="polite">
        <h2>Acknowledged</h2>
        <Acks target={target} acks={acks.value} />
      </section>
    </div>
  );
}

/** @throws {Error} naming what cannot be sent */
async function batchesIn({ split, body, file, headers, match }: Draft) {
  if (split === "json") JSON.parse(body);
  if (match !== "" && !/^\d+$/.test(match)) throw new Error("Match: expected a number");
  const input = file === undefined ? utf8.encode(body) : new Uint8Array(await file.arrayBuffer());
  return batchesOf(
    input,
    split,
    headers.filter(([name]) => name !== ""),
  );
}

function Body({
  draft,
  onFiles,
  onRemove,
}: {
  readonly draft: Signal<Draft>;
  readonly onFiles: (files: FileList | null) => void;
  readonly onRemove: () => void;
}) {
  const id = useId();
  const { file, body, split } = draft.value;
  if (file !== undefined)
    return (
      <p class="file">
        <b>{file.name}</b> <span class="muted num">{bytes(file.size)}</span>
        <button type="button" class="quiet" onClick={onRemove}>
          Remove
        </button>
      </p>
    );
  return (
    <div class="field">
      <label for={id}>Body</label>
      <textarea
        id={id}
        rows={8}
        spellcheck={false}
        value={body}
        placeholder={split === "json" ? `{"hello": "world"}` : "hello"}
        onInput={({ currentTarget }) => {
          draft.value = { ...draft.peek(), body: currentTarget.value };
        }}
        onKeyDown={(event) => {
          const isSending = event.key === "Enter" && (event.ctrlKey || event.metaKey);
          if (isSending) event.currentTarget.form?.requestSubmit();
        }}
      />
      <small class="hint">
        Ctrl-Enter appends. A file may be dropped here, or{" "}
        <label class="link">
          chosen
          <input
            type="file"
            class="hidden-file"
            onChange={({ currentTarget }) => onFiles(currentTarget.files)}
          />
        </label>
        .
      </small>
    </div>
  );
}

function OnlyIf({
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

function Progress({ done, all }: { readonly done: number; readonly all: number }) {
  return (
    <p class="progress">
      <progress max={all} value={done} aria-label="Records appended" />
      <span class="num">
        {count(done)} of {count(all)}
      </span>
    </p>
  );
}

function Acks({ target, acks }: { readonly target: StreamTarget; readonly acks: readonly Sent[] }) {
  if (acks.length === 0)
    return (
      <p class="muted">
        What is acknowledged is durable, and shows up here with its numbers and the time it took.
      </p>
    );
  return (
    <ul class="acks">
      {acks.map(({ start, end, tookMs }) => (
        <li key={start.seqNum}>
          <a
            href={hrefOf(
              { screen: "stream", ...target, tab: "records" },
              { from: `seq:${start.seqNum}`, record: String(start.seqNum) },
            )}
          >
            <b class="num">
              {count(start.seqNum)}
              {end.seqNum - start.seqNum > 1 && ` to ${count(end.seqNum - 1)}`}
            </b>
          </a>
          <span class="muted">
            {counted(end.seqNum - start.seqNum, "record")} · <When ms={end.timestamp} />
          </span>
          <span class="num right">{tookMs.toFixed(1)} ms</span>
        </li>
      ))}
    </ul>
  );
}
