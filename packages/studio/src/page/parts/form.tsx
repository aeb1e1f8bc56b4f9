// A form that sends one thing: its fields, what went wrong, "Copy as…", and one button. It stands
// in a card, or, as FormDialog, in a dialog of its own. What is sent belongs to who opens it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { CopyAs } from "../format/copy-as.js";
import type { Failure } from "../protocol.js";
import { CopyAsButton } from "./copy-dialog.js";
import { Dialog } from "./dialog.js";
import { Failed, failureIn } from "./notices.js";

export interface FormProps {
  /** Words of the button. */
  readonly action: string;
  readonly copyAs?: (() => CopyAs) | undefined;
  readonly isReady?: boolean | undefined;
  /** What it throws is shown above the button. */
  readonly send: () => Promise<void>;
  readonly children: ComponentChildren;
}

export function Form({ action, copyAs, isReady = true, send, children }: FormProps) {
  const failure = useSignal<Failure | undefined>(undefined);
  const isSending = useSignal(false);
  const submit = async (): Promise<void> => {
    failure.value = undefined;
    isSending.value = true;
    try {
      await send();
    } catch (error) {
      failure.value = failureIn(error);
    }
    isSending.value = false;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {children}
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        {copyAs !== undefined && <CopyAsButton make={copyAs} />}
        <button type="submit" class="primary" disabled={isSending.value || !isReady}>
          {action}
        </button>
      </p>
    </form>
  );
}

export function FormDialog({
  title,
  isWide,
  onClose,
  ...form
}: FormProps & {
  readonly title: string;
  readonly isWide?: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose} isWide={isWide === true}>
      <Form {...form} />
    </Dialog>
  );
}
