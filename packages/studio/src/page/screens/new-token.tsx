// A new access token: what it may touch, what it may do there, until when. Its secret is shown this
// once. The secret is in this dialog alone, and gone with it.

import { useSignal } from "@preact/signals";
import { curl, flags, program, shellWord, text } from "../format/copy-as.js";
import { now, parseDurationSecs } from "../format/times.js";
import { Dialog } from "../parts/dialog.js";
import { Check, Choice, TextField } from "../parts/fields.js";
import { FormDialog } from "../parts/form.js";
import { call } from "../state/bridge.js";
import { common, endpoint } from "../state/connection.js";
import { copy } from "../state/dialogs.js";
import {
  MATRIX,
  READER,
  type ScopeFields,
  type SetFields,
  scopeFlags,
  scopeJson,
  scopeOf,
} from "./scope.js";

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
      <div class="columns">
        <Resources
          label="Basins"
          value={scope.value.basins}
          onChange={(basins) => set({ basins })}
        />
        <Resources
          label="Streams"
          value={scope.value.streams}
          onChange={(streams) => set({ streams })}
        />
        <Resources
          label="Access tokens"
          value={scope.value.accessTokens}
          onChange={(accessTokens) => set({ accessTokens })}
        />
      </div>
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

function Resources({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: SetFields;
  readonly onChange: (value: SetFields) => void;
}) {
  const hasName = value.kind === "exact" || value.kind === "prefix";
  return (
    <div>
      <Choice
        label={label}
        value={value.kind}
        onChange={(kind) => onChange({ ...value, kind: kind as SetFields["kind"] })}
        options={[
          ["all", "all"],
          ["prefix", "that begin with…"],
          ["exact", "only…"],
          ["none", "none"],
        ]}
      />
      {hasName && (
        <TextField
          label={`${label}: name`}
          value={value.name}
          onChange={(name) => onChange({ ...value, name })}
        />
      )}
    </div>
  );
}

function Matrix({
  value,
  onChange,
}: {
  readonly value: ReadonlySet<string>;
  readonly onChange: (value: ReadonlySet<string>) => void;
}) {
  const toggle = (operations: readonly string[], on: boolean): void => {
    const next = new Set(value);
    for (const operation of operations)
      if (on) next.add(operation);
      else next.delete(operation);
    onChange(next);
  };
  return (
    <table class="matrix">
      <caption>Operations</caption>
      <thead>
        <tr>
          <th scope="col">On</th>
          <th scope="col">Read</th>
          <th scope="col">Write</th>
        </tr>
      </thead>
      <tbody>
        {MATRIX.map(([title, groups]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {(["read", "write"] as const).map((kind) => (
              <td key={kind}>
                {groups[kind].length > 1 && (
                  <Check
                    label="all of these"
                    isOn={groups[kind].every((operation) => value.has(operation))}
                    onChange={(on) => toggle(groups[kind], on)}
                  />
                )}
                {groups[kind].map((operation) => (
                  <Check
                    key={operation}
                    label={operation}
                    isOn={value.has(operation)}
                    onChange={(on) => toggle([operation], on)}
                  />
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function issueAs(id: string, fields: ScopeFields, isPrefixed: boolean, validFor: string) {
  const secs = parseDurationSecs(validFor);
  const expires = secs === undefined ? undefined : new Date(now() + secs * 1000).toISOString();
  return {
    title: "issue this token",
    cli: `s2kit issue-access-token ${shellWord(id)}${scopeFlags(fields)}${flags({ "auto-prefix-streams": isPrefixed, "expires-in": secs === undefined ? "" : validFor.trim() })}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: "/access-tokens",
      json: { id, scope: scopeJson(fields), auto_prefix_streams: isPrefixed, expires_at: expires },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const { accessToken } = await s2.accessTokens.issue({
  id: ${text(id)},
  scope: ${text({ ...(scopeJson(fields) as object), access_tokens: undefined, accessTokens: (scopeJson(fields) as { access_tokens: unknown }).access_tokens })},
  autoPrefixStreams: ${isPrefixed},${expires === undefined ? "" : `\n  expiresAt: ${text(expires)},`}
});
console.log(accessToken);`,
    ),
  };
}
