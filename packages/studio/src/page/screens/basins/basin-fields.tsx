// The settings of a basin as fields, for a new one and for one that is there; and the same as a
// command line, as curl and as TypeScript.

import type { Signal } from "@preact/signals";
import { configFlags, configJson, configValue } from "../../format/config-as.js";
import { type CopyAs, curl, flags, program, shellWord, text } from "../../format/copy-as.js";
import { type ConfigFields, configOf, EMPTY_FIELDS, fieldsOf } from "../../format/stream-config.js";
import { ConfigForm } from "../../parts/config-form.js";
import { Check, Choice } from "../../parts/fields.js";
import type { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";

export type BasinConfig = Awaited<ReturnType<typeof call<"basinConfig">>>;

export interface BasinFields {
  readonly isOnAppend: boolean;
  readonly isOnRead: boolean;
  /** Empty: streams are not encrypted. */
  readonly cipher: string;
  readonly streams: ConfigFields;
}

export const NEW_BASIN: BasinFields = {
  isOnAppend: false,
  isOnRead: false,
  cipher: "",
  streams: EMPTY_FIELDS,
};

export function basinFieldsOf(now: BasinConfig): BasinFields {
  return {
    isOnAppend: now.createStreamOnAppend,
    isOnRead: now.createStreamOnRead,
    cipher: now.streamCipher ?? "",
    streams: fieldsOf(now.defaultStreamConfig ?? {}),
  };
}

/**
 * @param unset - what a setting is that is left to the server: nothing, or null in a change
 * @throws {Error} naming the field that cannot be read
 */
export function basinConfigOf(fields: BasinFields, unset: null | undefined) {
  return {
    createStreamOnAppend: fields.isOnAppend,
    createStreamOnRead: fields.isOnRead,
    ...cipherOf(fields, unset, "streamCipher"),
    defaultStreamConfig: configOf(fields.streams, unset),
  };
}

export function BasinForm({ fields }: { readonly fields: Signal<BasinFields> }) {
  const { value } = fields;
  const set = (change: Partial<BasinFields>): void => {
    fields.value = { ...fields.peek(), ...change };
  };
  return (
    <>
      <Check
        label="An append makes a missing stream"
        isOn={value.isOnAppend}
        onChange={(isOnAppend) => set({ isOnAppend })}
      />
      <Check
        label="A read makes a missing stream"
        isOn={value.isOnRead}
        onChange={(isOnRead) => set({ isOnRead })}
      />
      <Choice
        label="New streams are encrypted"
        value={value.cipher}
        onChange={(cipher) => set({ cipher })}
        options={[
          ["", "no"],
          ["aegis-256", "with AEGIS-256"],
          ["aes-256-gcm", "with AES-256-GCM"],
        ]}
      />
    </>
  );
}

/** What new streams of the basin get. */
export function StreamDefaults({ fields }: { readonly fields: Signal<BasinFields> }) {
  return (
    <ConfigForm
      fields={fields.value.streams}
      onChange={(streams) => (fields.value = { ...fields.peek(), streams })}
      inherits={undefined}
      from="the server"
    />
  );
}

export function makeBasinAs(basin: string, fields: BasinFields): CopyAs {
  const { isOnAppend, isOnRead, cipher, streams } = fields;
  const given = flags({
    "create-stream-on-append": isOnAppend,
    "create-stream-on-read": isOnRead,
    "stream-cipher": cipher,
  });
  return {
    title: "make this basin",
    cli: `s2kit create-basin ${shellWord(basin)}${given}${configFlags(streams)}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: "/basins",
      json: { basin, config: wireOf(fields, undefined) },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basins.create({ basin: ${text(basin)}, config: ${text(valueOf(fields, undefined))} });`,
    ),
  };
}

export function changeBasinAs(basin: string, fields: BasinFields): CopyAs {
  const { isOnAppend, isOnRead, cipher, streams } = fields;
  const given = flags({
    "create-stream-on-append": String(isOnAppend),
    "create-stream-on-read": String(isOnRead),
    "stream-cipher": cipher,
  });
  const unset = cipher === "" ? " --unset stream_cipher" : "";
  return {
    title: "change this basin",
    cli: `s2kit reconfigure-basin ${shellWord(basin)}${configFlags(streams, true)}${given}${unset}`,
    curl: curl({
      ...common(),
      method: "PATCH",
      path: `/basins/${encodeURIComponent(basin)}`,
      json: wireOf(fields, null),
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `await s2.basins.reconfigure({ basin: ${text(basin)}, ${text(valueOf(fields, null)).slice(1, -1)} });`,
    ),
  };
}

function valueOf(fields: BasinFields, unset: null | undefined): object {
  return {
    createStreamOnAppend: fields.isOnAppend,
    createStreamOnRead: fields.isOnRead,
    ...cipherOf(fields, unset, "streamCipher"),
    defaultStreamConfig: configValue(fields.streams, unset),
  };
}

function wireOf(fields: BasinFields, unset: null | undefined): object {
  return {
    create_stream_on_append: fields.isOnAppend,
    create_stream_on_read: fields.isOnRead,
    ...cipherOf(fields, unset, "stream_cipher"),
    default_stream_config: configJson(fields.streams, unset),
  };
}

function cipherOf<K extends string>(
  { cipher }: BasinFields,
  unset: null | undefined,
  name: K,
): { readonly [name in K]?: "aegis-256" | null } {
  const value = cipher === "" ? unset : (cipher as "aegis-256");
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in K]?: "aegis-256" };
}
