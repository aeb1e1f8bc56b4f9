// A new stream: its name, and what of its basin's settings it does not take. Opens it once it is
// made. Drawn by the list of streams.

import { useSignal } from "@preact/signals";
import { configFlags, configJson, configValue } from "../../format/config-as.js";
import { type CopyAs, curl, program, text, uri } from "../../format/copy-as.js";
import { type ConfigFields, configOf, EMPTY_FIELDS } from "../../format/stream-config.js";
import { ConfigForm } from "../../parts/config-form.js";
import { TextField } from "../../parts/fields.js";
import { FormDialog } from "../../parts/form.js";
import { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";
import { useLoaded } from "../../state/loaded.js";
import { go } from "../../state/route.js";

export function NewStream({
  basin,
  prefix,
  onClose,
}: {
  readonly basin: string;
  readonly prefix: string;
  readonly onClose: () => void;
}) {
  const defaults = useLoaded(() => call("basinConfig", basin), [basin]);
  const name = useSignal(prefix);
  const fields = useSignal(EMPTY_FIELDS);
  const make = async (): Promise<void> => {
    await call("createStream", basin, name.value, configOf(fields.value, undefined));
    onClose();
    go({ screen: "stream", basin, stream: name.value, tab: "records" });
  };
  return (
    <FormDialog
      title="New stream"
      action="Make stream"
      copyAs={() => makeAs(basin, name.value, fields.value)}
      send={make}
      onClose={onClose}
    >
      <TextField
        label="Name"
        isFirst
        value={name.value}
        hint="1 to 512 bytes; a / makes a folder in the tree"
        onChange={(value) => (name.value = value)}
      />
      <details>
        <summary>Settings that differ from the basin's</summary>
        <ConfigForm
          fields={fields.value}
          onChange={(value) => (fields.value = value)}
          inherits={defaults.value?.defaultStreamConfig}
          from="the basin"
        />
      </details>
    </FormDialog>
  );
}

function makeAs(basin: string, stream: string, fields: ConfigFields): CopyAs {
  return {
    title: "make this stream",
    cli: `s2kit create-stream ${uri(basin, stream)}${configFlags(fields)}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: "/streams",
      basin,
      json: { stream, config: configJson(fields, undefined) },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basin(${text(basin)}).streams.create({ stream: ${text(stream)}, config: ${text(configValue(fields, undefined))} });`,
    ),
  };
}
