// A new access token: what it may touch, what it may do there, until when. Its secret is shown this
// once. The secret is in this dialog alone, and gone with it.

import { useSignal } from "@preact/signals";
import { now, parseDurationSecs } from "../../format/times.js";
import { Dialog } from "../../parts/dialog.js";
import { Check, TextField } from "../../parts/fields.js";
import { FormDialog } from "../../parts/form.js";
import { call } from "../../state/bridge.js";
import { copy } from "../../state/dialogs.js";
import { issueAs } from "./issue-as.js";
import { READER, type ScopeFields, scopeOf } from "./scope.js";
import { Matrix, ScopeForm } from "./scope-fields.js";

export function NewToken({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: () => void;
}) {
  const id = useSignal("");
  const scope = useSignal<ScopeFields>(READER);
  const isPrefixed = useSignal(false);
  const validFor = useSignal("30d");
  const secret = useSignal("");
  const set = (change: Partial<ScopeFields>): void => {
    scope.value = { ...scope.peek(), ...change };
  };
  const issue = async (): Promise<void> => {
    const secs = validFor.value.trim() === "" ? undefined : parseDurationSecs(validFor.value);
    if (secs === undefined && validFor.value.trim() !== "")
      throw new Error("Valid for: expected a duration such as 30d or 12h, or nothing");
    const { accessToken } = await call(
      "issueToken",
      id.value,
      scopeOf(scope.value),
      isPrefixed.value,
      secs === undefined ? undefined : now() + secs * 1000,
    );
    secret.value = accessToken;
    onMade();
  };
  if (secret.value !== "") return <Secret token={secret.value} onClose={onClose} />;
  return (
    <FormDialog
      title="Issue a token"
      isWide
      action="Issue"
      isReady={scope.value.operations.size > 0}
      copyAs={() => issueAs(id.value, scope.value, isPrefixed.value, validFor.value)}
      send={issue}
      onClose={onClose}
    >
      <div class="columns">
        <TextField
          label="Id"
          isFirst
          value={id.value}
          hint="for people: who uses it"
          onChange={(value) => (id.value = value)}
        />
        <TextField
          label="Valid for"
          value={validFor.value}
          hint="30d, 12h; empty: as long as the issuer"
          onChange={(value) => (validFor.value = value)}
        />
      </div>
      <ScopeForm scope={scope.value} onChange={set} />
      {scope.value.streams.kind === "prefix" && (
        <Check
          label="Add the stream prefix by itself: its user sees names without it"
          isOn={isPrefixed.value}
          onChange={(on) => (isPrefixed.value = on)}
        />
      )}
      <Matrix value={scope.value.operations} onChange={(operations) => set({ operations })} />
    </FormDialog>
  );
}

function Secret({ token, onClose }: { readonly token: string; readonly onClose: () => void }) {
  return (
    <Dialog title="The token, shown this once" isWide onClose={onClose}>
      <p>
        Copy it now: the server keeps only what proves it, and this page forgets it when you close
        this.
      </p>
      <pre class="code secret" tabIndex={0} aria-label="Token">
        {token}
      </pre>
      <p class="actions">
        <button type="button" class="primary" data-first onClick={() => copy(token, "Token")}>
          Copy the token
        </button>
      </p>
    </Dialog>
  );
}
