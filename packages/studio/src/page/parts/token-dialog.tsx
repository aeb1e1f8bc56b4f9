// Asks for the token of this page: when the server refuses, with the operation that is missing
// named, or when somebody wants another. The field is cleared when it closes; the token stays in
// memory.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { explain } from "../format/failures.js";
import { printable } from "../format/text.js";
import { refusal } from "../state/bridge.js";
import { isTokenKept, token, useToken } from "../state/connection.js";
import { isTokenDialogOpen } from "../state/dialogs.js";
import { Check, TextField } from "./config-form.js";
import { Dialog } from "./dialog.js";

export function TokenDialog() {
  const refused = refusal.value;
  // What is not permitted is told on the screen; a token that is missing or dead stops everything.
  useEffect(() => {
    if (refused?.status === 401) isTokenDialogOpen.value = true;
  }, [refused]);
  return isTokenDialogOpen.value ? <Ask /> : null;
}

function Ask() {
  const value = useSignal("");
  const isKept = useSignal(isTokenKept());
  const refused = refusal.value;
  const close = (): void => {
    isTokenDialogOpen.value = false;
    refusal.value = undefined;
  };
  return (
    <Dialog title="Access token" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          useToken(value.value.trim(), isKept.value);
        }}
      >
        {refused !== undefined && (
          <p class="note">
            <b>{explain(refused).title}.</b> {printable(refused.message)}
          </p>
        )}
        <TextField
          label={token.value === "" ? "Token" : "Another token"}
          type="password"
          isFirst
          value={value.value}
          hint="Stays in this page. It is never in its address."
          onChange={(text) => (value.value = text)}
        />
        <Check
          label="Keep it until this tab is closed, also over a reload"
          isOn={isKept.value}
          onChange={(on) => (isKept.value = on)}
        />
        <p class="actions">
          {token.value !== "" && (
            <button
              type="button"
              onClick={() => {
                close();
                useToken("", false);
              }}
            >
              Forget the token
            </button>
          )}
          <button type="submit" class="primary" disabled={value.value.trim() === ""}>
            Use it
          </button>
        </p>
      </form>
    </Dialog>
  );
}
