// The settings of a basin, and its end.
// What is destroyed is said, and its name typed, before it is.

import { useSignal } from "@preact/signals";
import { type CopyAs, curl, program, shellWord, text } from "../../format/copy-as.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { TypedConfirmation } from "../../parts/dialog.js";
import { Form } from "../../parts/form.js";
import { Failed, failureIn, Loading } from "../../parts/notices.js";
import type { Failure } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";
import { say } from "../../state/dialogs.js";
import { useLoaded } from "../../state/loaded.js";
import { go } from "../../state/route.js";
import {
  type BasinConfig,
  BasinForm,
  basinConfigOf,
  basinFieldsOf,
  changeBasinAs,
  StreamDefaults,
} from "./basin-fields.js";

export function BasinSettings({ basin }: { readonly basin: string }) {
  const loaded = useLoaded(() => call("basinConfig", basin), [basin]);
  const isDeleting = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const remove = async (): Promise<void> => {
    try {
      await call("deleteBasin", basin);
      say(`${basin} is being deleted`);
      go({ screen: "basins" });
    } catch (error) {
      failure.value = failureIn(error);
    }
    isDeleting.value = false;
  };
  return (
    <div class="cards two scroll">
      <section class="card">
        <h2>Settings</h2>
        {loaded.failure !== undefined && <Failed failure={loaded.failure} retry={loaded.reload} />}
        {loaded.value === undefined && loaded.isLoading && <Loading what="settings" />}
        {loaded.value !== undefined && (
          <Change
            key={JSON.stringify(loaded.value)}
            basin={basin}
            now={loaded.value}
            onSaved={loaded.reload}
          />
        )}
      </section>
      <section class="card danger-zone">
        <h2>Delete</h2>
        <p>Deletes the basin and every stream in it. What is deleted does not come back.</p>
        {failure.value !== undefined && <Failed failure={failure.value} />}
        <p class="actions start">
          <button type="button" class="danger" onClick={() => (isDeleting.value = true)}>
            Delete this basin…
          </button>
          <CopyAsButton make={() => deleteAs(basin)} />
        </p>
      </section>
      {isDeleting.value && (
        <TypedConfirmation
          title="Delete basin"
          name={basin}
          action="Delete basin and all its streams"
          onConfirm={() => void remove()}
          onClose={() => (isDeleting.value = false)}
        >
          <p>All its streams go with it.</p>
        </TypedConfirmation>
      )}
    </div>
  );
}

function Change({
  basin,
  now,
  onSaved,
}: {
  readonly basin: string;
  readonly now: BasinConfig;
  readonly onSaved: () => void;
}) {
  const fields = useSignal(basinFieldsOf(now));
  const save = async (): Promise<void> => {
    await call("reconfigureBasin", basin, basinConfigOf(fields.value, null));
    say("Saved");
    onSaved();
  };
  return (
    <Form action="Save" copyAs={() => changeBasinAs(basin, fields.value)} send={save}>
      <BasinForm fields={fields} />
      <h3>Defaults of its streams</h3>
      <StreamDefaults fields={fields} />
    </Form>
  );
}

function deleteAs(basin: string): CopyAs {
  return {
    title: "delete this basin",
    cli: `s2kit delete-basin ${shellWord(basin)}`,
    curl: curl({ ...common(), method: "DELETE", path: `/basins/${encodeURIComponent(basin)}` }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basins.delete({ basin: ${text(basin)} });`,
    ),
  };
}
