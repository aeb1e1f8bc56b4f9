// The states of everything that loads: waiting, failed, empty. A failure says what happened and
// what to do. Screens choose one of them; the words of a failure come from `format/failures`.

import type { ComponentChildren } from "preact";
import { explain, wantsKey } from "../format/failures.js";
import { printable } from "../format/text.js";
import type { Failure } from "../protocol.js";
import { CallError } from "../state/bridge.js";
import { isTokenDialogOpen } from "../state/dialogs.js";
import { isKeyDialogOpen } from "../state/stream-keys.js";

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function failureIn(error: unknown): Failure {
  if (error instanceof CallError) return error.failure;
  return {
    code: "CLIENT",
    status: undefined,
    message: error instanceof Error ? error.message : String(error),
  };
}

export function Failed({
  failure,
  retry,
}: {
  readonly failure: Failure;
  readonly retry?: (() => void) | undefined;
}) {
  const { title, next } = explain(failure);
  const isDenied = failure.status === 401 || failure.status === 403;
  return (
    <div class="failed" role="alert">
      <strong>{title}</strong>
      <p>{next}</p>
      <p class="words" title={failure.code}>
        {printable(failure.message)}
      </p>
      <p class="actions">
        {isDenied && (
          <button type="button" onClick={() => (isTokenDialogOpen.value = true)}>
            Enter a token
          </button>
        )}
        {wantsKey(failure) && (
          <button type="button" onClick={() => (isKeyDialogOpen.value = true)}>
            Enter the key
          </button>
        )}
        {retry !== undefined && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}
