// A new basin: its name and its settings. Opens it once it is made.
// Drawn by the list of basins.

import { useSignal } from "@preact/signals";
import { TextField } from "../../parts/fields.js";
import { FormDialog } from "../../parts/form.js";
import { call } from "../../state/bridge.js";
import { go } from "../../state/route.js";
import {
  BasinForm,
  basinConfigOf,
  makeBasinAs,
  NEW_BASIN,
  StreamDefaults,
} from "./basin-fields.js";

export function NewBasin({ onClose }: { readonly onClose: () => void }) {
  const name = useSignal("");
  const fields = useSignal(NEW_BASIN);
  const make = async (): Promise<void> => {
    await call("createBasin", name.value, basinConfigOf(fields.value, undefined));
    onClose();
    go({ screen: "basin", basin: name.value, tab: "streams" });
  };
  return (
    <FormDialog
      title="New basin"
      action="Make basin"
      copyAs={() => makeBasinAs(name.value, fields.value)}
      send={make}
      onClose={onClose}
    >
      <TextField
        label="Name"
        isFirst
        value={name.value}
        hint="8 to 48 characters: lower case letters, digits, hyphens"
        onChange={(value) => (name.value = value)}
      />
      <BasinForm fields={fields} />
      <details>
        <summary>Defaults of its streams</summary>
        <StreamDefaults fields={fields} />
      </details>
    </FormDialog>
  );
}
