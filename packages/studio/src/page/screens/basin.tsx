// One basin: its streams, its metrics, its settings.
// The frame of its parts; streams and metrics are files of their own.

import { useSignal } from "@preact/signals";
import { configFlags, configJson, configValue } from "../format/config-as.js";
import { curl, program, shellWord, text } from "../format/copy-as.js";
import { printable } from "../format/text.js";
import { Check, Choice, ConfigForm, configOf, fieldsOf } from "../parts/config-form.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { TypedConfirmation } from "../parts/dialog.js";
import { Failed, failureIn, Loading } from "../parts/notices.js";
import { Tabs } from "../parts/tabs.js";
import type { Failure } from "../protocol.js";
import { call } from "../state/bridge.js";
import { endpoint } from "../state/connection.js";
import { say } from "../state/dialogs.js";
import { useLoaded } from "../state/loaded.js";
import { go, hrefOf } from "../state/route.js";
import { common } from "./basins.js";
import { Metrics } from "./metrics.js";
import { Streams } from "./streams.js";

const TABS = [
  ["streams", "Streams"],
  ["metrics", "Metrics"],
  ["settings", "Settings"],
] as const;

export function Basin({
  basin,
  tab,
}: {
  readonly basin: string;
  readonly tab: "metrics" | "settings" | "streams";
}) {
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1 class="crumbs">
          <a href={hrefOf({ screen: "basins" })}>Basins</a>
          <b>{printable(basin)}</b>
        </h1>
        <Tabs
          tabs={TABS}
          current={tab}
          href={(key) => hrefOf({ screen: "basin", basin, tab: key })}
        />
      </div>
      {tab === "streams" && <Streams basin={basin} key={basin} />}
      {tab === "metrics" && <Metrics basin={basin} key={basin} />}
      {tab === "settings" && <Settings basin={basin} key={basin} />}
    </main>
  );
}

function Settings({ basin }: { readonly basin: string }) {
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
          <Form
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
          <CopyAsButton
            make={() => ({
              title: "delete this basin",
              cli: `s2kit delete-basin ${shellWord(basin)}`,
              curl: curl({
                ...common(),
                method: "DELETE",
                path: `/basins/${encodeURIComponent(basin)}`,
              }),
              ts: program(
                endpoint(),
                common().hasToken,
                `await s2.basins.delete({ basin: ${text(basin)} });`,
              ),
            })}
          />
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

type BasinConfig = Awaited<ReturnType<typeof call<"basinConfig">>>;

function Form({
  basin,
  now,
  onSaved,
}: {
  readonly basin: string;
  readonly now: BasinConfig;
  readonly onSaved: () => void;
}) {
  const fields = useSignal(fieldsOf(now.defaultStreamConfig ?? {}));
  const isOnAppend = useSignal(now.createStreamOnAppend);
  const isOnRead = useSignal(now.createStreamOnRead);
  const cipher = useSignal<string>(now.streamCipher ?? "");
  const failure = useSignal<Failure | undefined>(undefined);
  const save = async (): Promise<void> => {
    failure.value = undefined;
    try {
      await call("reconfigureBasin", basin, {
        createStreamOnAppend: isOnAppend.value,
        createStreamOnRead: isOnRead.value,
        streamCipher: cipher.value === "" ? null : (cipher.value as "aegis-256"),
        defaultStreamConfig: configOf(fields.value, null),
      });
      say("Saved");
      onSaved();
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Check
        label="An append makes a missing stream"
        isOn={isOnAppend.value}
        onChange={(on) => (isOnAppend.value = on)}
      />
      <Check
        label="A read makes a missing stream"
        isOn={isOnRead.value}
        onChange={(on) => (isOnRead.value = on)}
      />
      <Choice
        label="New streams are encrypted"
        value={cipher.value}
        onChange={(value) => (cipher.value = value)}
        options={[
          ["", "no"],
          ["aegis-256", "with AEGIS-256"],
          ["aes-256-gcm", "with AES-256-GCM"],
        ]}
      />
      <h3>Defaults of its streams</h3>
      <ConfigForm fields={fields} inherits={undefined} from="the server" />
      {failure.value !== undefined && <Failed failure={failure.value} />}
      <p class="actions">
        <CopyAsButton
          make={() => ({
            title: "change this basin",
            cli: `s2kit reconfigure-basin ${shellWord(basin)}${configFlags(fields.value, true)} --create-stream-on-append ${isOnAppend.value} --create-stream-on-read ${isOnRead.value}`,
            curl: curl({
              ...common(),
              method: "PATCH",
              path: `/basins/${encodeURIComponent(basin)}`,
              json: {
                create_stream_on_append: isOnAppend.value,
                create_stream_on_read: isOnRead.value,
                stream_cipher: cipher.value === "" ? null : cipher.value,
                default_stream_config: configJson(fields.value, null),
              },
            }),
            ts: program(
              endpoint(),
              common().hasToken,
              `await s2.basins.reconfigure({ basin: ${text(basin)}, ${text({ createStreamOnAppend: isOnAppend.value, createStreamOnRead: isOnRead.value, streamCipher: cipher.value === "" ? null : cipher.value, defaultStreamConfig: configValue(fields.value, null) }).slice(1, -1)} });`,
            ),
          })}
        />
        <button type="submit" class="primary">
          Save
        </button>
      </p>
    </form>
  );
}
