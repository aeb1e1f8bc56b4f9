// The body of a record in one of four forms. Each is cut at a length that a browser lays out at
// once, and says so. All of it is text of strangers: it goes into text nodes only.

import { type Signal, useSignal } from "@preact/signals";
import { bytes as sizeOf } from "../format/numbers.js";
import { printableLines } from "../format/text.js";
import { copy } from "../state/dialogs.js";

export type BodyForm = "auto" | "base64" | "hex" | "json" | "text";

const MAX_CHARS = 200_000;
const MAX_HEX_BYTES = 4096;
const FORMS = [
  ["text", "Text"],
  ["json", "JSON"],
  ["hex", "Hex"],
  ["base64", "Base64"],
] as const;

export function BodyView({
  body,
  form,
}: {
  readonly body: Uint8Array;
  readonly form: Signal<BodyForm>;
}) {
  const isJson = looksLikeJson(body);
  const text = strictText(body);
  const shown =
    form.value === "auto" ? (isJson ? "json" : text === undefined ? "hex" : "text") : form.value;
  return (
    <section class="body-view" aria-label="Body">
      <div class="tabs" role="group" aria-label="Form of the body">
        {FORMS.map(([key, name]) => (
          <button
            type="button"
            key={key}
            aria-pressed={shown === key}
            onClick={() => (form.value = key)}
          >
            {name}
          </button>
        ))}
        <span class="spacer" />
        <button
          type="button"
          class="quiet"
          onClick={() =>
            copy(text ?? base64(body), text === undefined ? "Body, as base64," : "Body")
          }
        >
          Copy
        </button>
      </div>
      {shown === "text" && text === undefined && body.length > 0 && (
        <p class="note">These bytes are not UTF-8: what is no text is shown as �. Hex is exact.</p>
      )}
      {shown === "text" && <Lines text={printableLines(text ?? new TextDecoder().decode(body))} />}
      {shown === "json" && <Json body={body} />}
      {shown === "hex" && <Lines text={hexDump(body.subarray(0, MAX_HEX_BYTES))} />}
      {shown === "hex" && body.length > MAX_HEX_BYTES && (
        <p class="note">
          The first {sizeOf(MAX_HEX_BYTES)} of {sizeOf(body.length)}. Download has all.
        </p>
      )}
      {shown === "base64" && <Lines text={base64(body)} />}
    </section>
  );
}

function Lines({ text }: { readonly text: string }) {
  const isCut = text.length > MAX_CHARS;
  return (
    <>
      <pre class="code body" tabIndex={0} aria-label="Body">
        {text === "" ? "(empty)" : text.slice(0, MAX_CHARS)}
      </pre>
      {isCut && (
        <p class="note">
          The first {MAX_CHARS.toLocaleString("en-US")} characters. Download has all.
        </p>
      )}
    </>
  );
}

function Json({ body }: { readonly body: Uint8Array }) {
  const parsed = parse(body);
  if (parsed.error !== undefined)
    return <p class="note">Not JSON: {printableLines(parsed.error)}</p>;
  return (
    <div class="code json" tabIndex={0} role="region" aria-label="Body as a tree">
      <Value value={parsed.value} depth={0} />
    </div>
  );
}

const MAX_CHILDREN = 200;

function Value({
  name,
  value,
  depth,
}: {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}) {
  const limit = useSignal(MAX_CHILDREN);
  const label = name === undefined ? null : <span class="key">{printableLines(name)}: </span>;
  if (typeof value !== "object" || value === null)
    return (
      <div class="leaf">
        {label}
        <bdi class={`v-${value === null ? "null" : typeof value}`}>
          {printableLines(JSON.stringify(value))}
        </bdi>
      </div>
    );
  const entries = Object.entries(value);
  const shape = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return (
      <div class="leaf">
        {label}
        {shape}
      </div>
    );
  return (
    <details open={depth < 3}>
      <summary>
        {label}
        <span class="muted">{shape}</span>
      </summary>
      {entries.slice(0, limit.value).map(([key, child]) => (
        <Value key={key} name={key} value={child} depth={depth + 1} />
      ))}
      {entries.length > limit.value && (
        <button type="button" class="quiet" onClick={() => (limit.value += MAX_CHILDREN)}>
          {entries.length - limit.value} more
        </button>
      )}
    </details>
  );
}

function parse(body: Uint8Array): { readonly value?: unknown; readonly error?: string } {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function looksLikeJson(body: Uint8Array): boolean {
  const first = String.fromCharCode(body[0] ?? 0);
  return body.length < 256 * 1024 && /[[{]/.test(first) && parse(body).error === undefined;
}

function strictText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function hexDump(body: Uint8Array): string {
  const lines = [];
  for (let at = 0; at < body.length; at += 8) {
    const row = Array.from(body.subarray(at, at + 8));
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const chars = row
      .map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."))
      .join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(23)}  ${chars}`);
  }
  return lines.join("\n");
}

export function base64(body: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < body.length; at += 8192)
    binary += String.fromCharCode(...body.subarray(at, at + 8192));
  return btoa(binary);
}
