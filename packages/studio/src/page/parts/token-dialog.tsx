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
import { Check, TextField } from "./fields.js";
import { FormDialog } from "./form.js";

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
  const use = (text: string, isKeptHere: boolean): void => {
    close();
    useToken(text, isKeptHere);
  };
  return (
    <FormDialog
      title="Access token"
      action="Use it"
      isReady={value.value.trim() !== ""}
      send={async () => use(value.value.trim(), isKept.value)}
      onClose={close}
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
      {token.value !== "" && (
        <p class="actions start">
          <button type="button" onClick={() => use("", false)}>
            Forget the token
          </button>
        </p>
      )}
    </FormDialog>
  );
}
