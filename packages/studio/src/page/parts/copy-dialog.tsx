// "Copy as": a button beside every action, and the one dialog that shows what it gives.
// Screens hand in a function that makes the text: it is made when somebody asks.

import { useSignal } from "@preact/signals";
import type { CopyAs } from "../format/copy-as.js";
import { copy, shownCopyAs } from "../state/dialogs.js";
import { Dialog } from "./dialog.js";

export function CopyAsButton({ make }: { readonly make: () => CopyAs }) {
  return (
    <button type="button" class="quiet" onClick={() => (shownCopyAs.value = make())}>
      Copy as…
    </button>
  );
}

const FORMS = [
  ["cli", "CLI"],
  ["curl", "curl"],
  ["ts", "TypeScript"],
] as const;

export function CopyAsDialog() {
  const shown = shownCopyAs.value;
  const form = useSignal<"cli" | "curl" | "ts">("cli");
  if (shown === undefined) return null;
  return (
    <Dialog
      title={`Copy as: ${shown.title}`}
      isWide
      onClose={() => (shownCopyAs.value = undefined)}
    >
      <div class="tabs" role="group" aria-label="Form">
        {FORMS.map(([key, name]) => (
          <button
            type="button"
            key={key}
            aria-pressed={form.value === key}
            onClick={() => (form.value = key)}
          >
            {name}
          </button>
        ))}
      </div>
      <pre class="code" tabIndex={0} aria-label="Text to copy">
        {shown[form.value]}
      </pre>
      <p class="actions">
        <button
          type="button"
          class="primary"
          data-first
          onClick={() => copy(shown[form.value], shown.title)}
        >
          Copy
        </button>
      </p>
    </Dialog>
  );
}

/** Lines to paste, with a button. */
export function Snippet({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div class="snippet">
      <header>
        <span>{label}</span>
        <button
          type="button"
          class="quiet"
          aria-label={`Copy ${label}`}
          onClick={() => copy(text, label)}
        >
          Copy
        </button>
      </header>
      <pre class="code" tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </div>
  );
}
