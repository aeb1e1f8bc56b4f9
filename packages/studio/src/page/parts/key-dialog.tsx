// Asks for the key of the encrypted stream in sight: when the server says that one is missing or
// wrong, or when somebody wants another. The field is gone when it closes; see `state/stream-keys`.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { printable } from "../format/text.js";
import type { StreamTarget } from "../protocol.js";
import { route } from "../state/route.js";
import { hasKey, isKey, isKeyDialogOpen, useKey } from "../state/stream-keys.js";
import { TextField } from "./fields.js";
import { FormDialog } from "./form.js";

export function KeyDialog() {
  const { place } = route.value;
  if (!isKeyDialogOpen.value || place.screen !== "stream") return null;
  const { basin, stream } = place;
  return <Ask key={`${basin}/${stream}`} basin={basin} stream={stream} />;
}

function Ask({ basin, stream }: StreamTarget) {
  const value = useSignal("");
  const target = { basin, stream };
  const isSet = hasKey(target);
  const close = (): void => {
    isKeyDialogOpen.value = false;
  };
  // Whoever goes elsewhere by the address is not asked there.
  useEffect(() => close, []);
  const use = (key: string | undefined): void => {
    close();
    useKey(target, key);
  };
  return (
    <FormDialog
      title="Encryption key"
      action="Use it"
      isReady={isKey(value.value.trim())}
      send={async () => use(value.value.trim())}
      onClose={close}
    >
      <p>
        The records of <b class="name">{printable(stream)}</b> are encrypted with a key that the
        server does not keep.
      </p>
      <TextField
        label={isSet ? "Another key" : "Key"}
        type="password"
        isFirst
        value={value.value}
        hint="32 bytes as base64: 44 characters. Stays in the memory of this tab, for this stream."
        onChange={(text) => (value.value = text)}
      />
      {isSet && (
        <p class="actions start">
          <button type="button" onClick={() => use(undefined)}>
            Forget the key
          </button>
        </p>
      )}
    </FormDialog>
  );
}
