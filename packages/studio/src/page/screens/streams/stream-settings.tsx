// The settings of a stream and its end.
// Shows what is in force; a change may also go back to what the basin says.

import { useSignal } from "@preact/signals";
import { configFlags, configJson, configValue } from "../../format/config-as.js";
import { type CopyAs, curl, program, streamPath, text, uri } from "../../format/copy-as.js";
import {
  type ConfigFields,
  configOf,
  describeConfig,
  fieldsOf,
} from "../../format/stream-config.js";
import { printable } from "../../format/text.js";
import { ConfigForm } from "../../parts/config-form.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { TypedConfirmation } from "../../parts/dialog.js";
import { Form } from "../../parts/form.js";
import { Failed, failureIn, Loading } from "../../parts/notices.js";
import type { Failure, StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";
import { say } from "../../state/dialogs.js";
import { useLoaded } from "../../state/loaded.js";
import { go } from "../../state/route.js";

export function StreamSettings({ basin, stream }: StreamTarget) {
  const loaded = useLoaded(() => call("streamConfig", basin, stream), [basin, stream]);
  const defaults = useLoaded(() => call("basinConfig", basin), [basin]);
  const isDeleting = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const remove = async (): Promise<void> => {
    isDeleting.value = false;
    try {
      await call("deleteStream", basin, stream);
      say(`${printable(stream)} is being deleted`);
      go({ screen: "basin", basin, tab: "streams" });
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <div class="cards two scroll">
      <section class="card">
        <h2>In force</h2>
        {loaded.failure !== undefined && <Failed failure={loaded.failure} retry={loaded.reload} />}
        {loaded.value === undefined && loaded.isLoading && <Loading what="settings" />}
        {loaded.value !== undefined && (
          <>
            <dl class="pairs">
              {describeConfig(loaded.value).map(([name, words]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
            <Change
              key={JSON.stringify(loaded.value)}
              basin={basin}
              stream={stream}
              now={loaded.value}
              inherits={defaults.value?.defaultStreamConfig}
              onSaved={loaded.reload}
            />
          </>
        )}
      </section>
      <section class="card danger-zone">
        <h2>Delete</h2>
        <p>Deletes the stream with all its records. What is deleted does not come back.</p>
        {failure.value !== undefined && <Failed failure={failure.value} />}
        <p class="actions start">
          <button type="button" class="danger" onClick={() => (isDeleting.value = true)}>
            Delete this stream…
          </button>
          <CopyAsButton make={() => deleteAs({ basin, stream })} />
        </p>
      </section>
      {isDeleting.value && (
        <TypedConfirmation
          title="Delete stream"
          name={stream}
          action="Delete it with all its records"
          onConfirm={() => void remove()}
          onClose={() => (isDeleting.value = false)}
        >
          <p>All its records go with it.</p>
        </TypedConfirmation>
      )}
    </div>
  );
}

type Config = Awaited<ReturnType<typeof call<"streamConfig">>>;

function Change({
  basin,
  stream,
  now,
  inherits,
  onSaved,
}: StreamTarget & {
  readonly now: Config;
  readonly inherits: Config | undefined;
  readonly onSaved: () => void;
}) {
  const fields = useSignal(fieldsOf(now));
  const save = async (): Promise<void> => {
    await call("reconfigureStream", basin, stream, configOf(fields.value, null));
    say("Saved");
    onSaved();
  };
  return (
    <details>
      <summary>Change</summary>
      <Form action="Save" copyAs={() => changeAs({ basin, stream }, fields.value)} send={save}>
        <ConfigForm
          fields={fields.value}
          onChange={(value) => (fields.value = value)}
          inherits={inherits}
          from="the basin"
        />
      </Form>
    </details>
  );
}

function changeAs({ basin, stream }: StreamTarget, fields: ConfigFields): CopyAs {
  return {
    title: "change this stream",
    cli: `s2kit reconfigure-stream ${uri(basin, stream)}${configFlags(fields, true)}`,
    curl: curl({
      ...common(),
      method: "PATCH",
      path: streamPath(stream),
      basin,
      json: configJson(fields, null),
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basin(${text(basin)}).streams.reconfigure({ stream: ${text(stream)}, ...${text(configValue(fields, null))} });`,
    ),
  };
}

function deleteAs({ basin, stream }: StreamTarget): CopyAs {
  return {
    title: "delete this stream",
    cli: `s2kit delete-stream ${uri(basin, stream)}`,
    curl: curl({ ...common(), method: "DELETE", path: streamPath(stream), basin }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basin(${text(basin)}).streams.delete({ stream: ${text(stream)} });`,
    ),
  };
}
