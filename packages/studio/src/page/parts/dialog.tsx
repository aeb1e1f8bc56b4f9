// A modal dialog: the platform's own, which keeps the focus inside, closes on Escape and gives it
// back. What is in it belongs to who opens it.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { printable } from "../format/text.js";

export function Dialog({
  title,
  onClose,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
    ref.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      class={isWide ? "wide" : ""}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) ref.current?.close();
      }}
    >
      <div class="sheet">
        <header>
          <h2 id={id}>{title}</h2>
          <button
            type="button"
            class="icon"
            aria-label="Close"
            onClick={() => ref.current?.close()}
          >
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** Asks for the name of what is destroyed before it is. */
export function TypedConfirmation({
  title,
  name,
  action,
  children,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly name: string;
  readonly action: string;
  readonly children: ComponentChildren;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        {children}
        <label for={id}>
          Type <code class="name">{printable(name)}</code> to confirm
        </label>
        <input
          id={id}
          data-first
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => {
            // What cannot be typed is typed as it is shown.
            const isSame = [name, printable(name)].includes(currentTarget.value);
            if (button.current !== null) button.current.disabled = !isSame;
          }}
        />
        <p class="actions">
          <button type="submit" class="danger" disabled ref={button}>
            {action}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
