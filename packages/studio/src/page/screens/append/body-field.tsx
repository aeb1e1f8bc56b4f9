// The body of what is appended: typed, or a file that is chosen or dropped anywhere on the card.
// Part of the form of the screen.

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { bytes } from "../../format/numbers.js";
import { printable } from "../../format/text.js";
import type { Draft } from "./draft.js";

type OnFiles = (files: FileList | null | undefined) => void;

export function DropCard({
  onFiles,
  children,
}: {
  readonly onFiles: OnFiles;
  readonly children: ComponentChildren;
}) {
  const isDragged = useSignal(false);
  return (
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
        onFiles(event.dataTransfer?.files);
      }}
    >
      {children}
    </section>
  );
}

export function BodyField({
  draft,
  onFiles,
  onRemove,
}: {
  readonly draft: Signal<Draft>;
  readonly onFiles: OnFiles;
  readonly onRemove: () => void;
}) {
  const id = useId();
  const { file, body, split } = draft.value;
  if (file !== undefined)
    return (
      <p class="file">
        <b>{printable(file.name)}</b> <span class="muted num">{bytes(file.size)}</span>
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
