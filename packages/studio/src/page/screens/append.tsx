// Writing to a stream: text, one JSON, a record for each line, or a file. Shows the acknowledgement
// and how long it took; a file goes in batches with progress, and stops at the first that fails.

import { useSignal } from "@preact/signals";
import { systemClock } from "@s2kit/core";
import { useId } from "preact/hooks";
import { curl, flags, program, shellWord, streamPath, text, uri } from "../format/copy-as.js";
import { bytes, count, counted } from "../format/numbers.js";
import { Choice, TextField } from "../parts/config-form.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { Failed, failureIn } from "../parts/notices.js";
import { When } from "../parts/when.js";
import type { Failure, Position } from "../protocol.js";
import { call } from "../state/bridge.js";
import { endpoint } from "../state/connection.js";
import { hrefOf } from "../state/route.js";
import type { NewRecord } from "../worker/operations.js";
import { common } from "./basins.js";
import { batchesOf, type Split } from "./batches.js";
import type { StreamTarget } from "./stream.js";

interface Done {
  readonly start: Position;
  readonly end: Position;
  readonly tookMs: number;
}

const utf8 = new TextEncoder();

export function Append(target: StreamTarget) {
  const { basin, stream } = target;
  const split = useSignal<Split>("text");
  const body = useSignal("");
  const file = useSignal<File | undefined>(undefined);
  const headers = useSignal<readonly (readonly [string, string])[]>([]);
  const match = useSignal("");
  const token = useSignal("");
  const isDragged = useSignal(false);
  const sent = useSignal<{ done: number; all: number } | undefined>(undefined);
  const failure = useSignal<Failure | undefined>(undefined);
  const acks = useSignal<readonly Done[]>([]);
  const id = useId();

  const send = async (): Promise<void> => {
    failure.value = undefined;
    try {
      if (split.value === "json") JSON.parse(body.value);
      if (match.value !== "" && !/^\d+$/.test(match.value))
        throw new Error("Match: expected a number");
      const input =
        file.value === undefined
          ? utf8.encode(body.value)
          : new Uint8Array(await file.value.arrayBuffer());
      const batches = batchesOf(
        input,
        split.value,
        headers.value.filter(([name]) => name !== ""),
      );
      const all = batches.reduce((sum, records) => sum + records.length, 0);
      let next = match.value === "" ? undefined : Number(match.value);
      sent.value = { done: 0, all };
      const startMs = systemClock.monotonic();
      let start: Position | undefined;
      let end: Position | undefined;
      for (const records of batches) {
        const ack = await appendBatch(target, records, next, token.value);
        start ??= ack.start;
        end = ack.end;
        // The batches of one file stay together once the first one matched.
        if (next !== undefined) next = ack.end.seqNum;
        sent.value = { done: (sent.value?.done ?? 0) + records.length, all };
      }
      if (start !== undefined && end !== undefined)
        acks.value = [
          { start, end, tookMs: systemClock.monotonic() - startMs },
          ...acks.value,
        ].slice(0, 8);
      if (match.value !== "") match.value = String(end?.seqNum ?? match.value);
    } catch (error) {
      failure.value = failureIn(error);
    }
    sent.value = undefined;
  };
  const take = (files: FileList | null | undefined): void => {
    const [first] = files ?? [];
    if (first !== undefined) file.value = first;
    if (first !== undefined && split.value === "json") split.value = "text";
  };
  const fromTail = async (): Promise<void> => {
    try {
      const { tail } = await call("checkTail", basin, stream);
      match.value = String(tail.seqNum);
    } catch (error) {
      failure.value = failureIn(error);
    }
  };
  const progress = sent.value;
  return (
    <div class="cards two scroll">
      <form
        class={`card ${isDragged.value ? "dragged" : ""}`}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
        onDragOver={(event) => {
          event.preventDefault();
          isDragged.value = true;
        }}
        onDragLeave={() => (isDragged.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          isDragged.value = false;
          take(event.dataTransfer?.files);
        }}
      >
        <h2>Append</h2>
        <Choice
          label="As"
          value={split.value}
          onChange={(value) => (split.value = value as Split)}
          options={[
            ["text", "one record"],
            ["json", "one record, checked to be JSON"],
            ["lines", "a record for each line"],
          ]}
        />
        {file.value === undefined ? (
          <div class="field">
            <label for={id}>Body</label>
            <textarea
              id={id}
              rows={8}
              spellcheck={false}
              value={body.value}
              placeholder={split.value === "json" ? `{"hello": "world"}` : "hello"}
              onInput={({ currentTarget }) => (body.value = currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
              }}
            />
            <small class="hint">
              Ctrl-Enter appends. A file may be dropped here, or{" "}
              <label class="link">
                chosen
                <input
                  type="file"
                  class="hidden-file"
                  onChange={({ currentTarget }) => take(currentTarget.files)}
                />
              </label>
              .
            </small>
          </div>
        ) : (
          <p class="file">
            <b>{file.value.name}</b> <span class="muted num">{bytes(file.value.size)}</span>
            <button type="button" class="quiet" onClick={() => (file.value = undefined)}>
              Remove
            </button>
          </p>
        )}
        <Headers rows={headers.value} onChange={(rows) => (headers.value = rows)} />
        <details>
          <summary>Only if…</summary>
          <div class="fields">
            <div class="with-button">
              <TextField
                label="The first record gets number"
                value={match.value}
                hint="empty: whatever comes next"
                onChange={(value) => (match.value = value.trim())}
              />
              <button type="button" onClick={() => void fromTail()}>
                Use the tail
              </button>
            </div>
            <TextField
              label="Fencing token in force"
              value={token.value}
              onChange={(value) => (token.value = value)}
            />
          </div>
        </details>
        {failure.value !== undefined && <Failed failure={failure.value} />}
        {progress !== undefined && progress.all > 1 && (
          <p class="progress">
            <progress max={progress.all} value={progress.done} aria-label="Records appended" />
            <span class="num">
              {count(progress.done)} of {count(progress.all)}
            </span>
          </p>
        )}
        <p class="actions">
          <CopyAsButton make={() => appendAs(target, body.value, match.value, token.value)} />
          <button type="submit" class="primary" disabled={progress !== undefined}>
            {progress !== undefined
              ? "Appending…"
              : acks.value.length > 0
                ? "Append again"
                : "Append"}
          </button>
        </p>
      </form>
      <section class="card" aria-live="polite">
        <h2>Acknowledged</h2>
        {acks.value.length === 0 ? (
          <p class="muted">
            What is acknowledged is durable, and shows up here with its numbers and the time it
            took.
          </p>
        ) : (
          <ul class="acks">
            {acks.value.map(({ start, end, tookMs }) => (
              <li key={start.seqNum}>
                <a
                  href={hrefOf(
                    { screen: "stream", basin, stream, tab: "records" },
                    { from: `seq:${start.seqNum}`, record: String(start.seqNum) },
                  )}
                >
                  <b class="num">
                    {count(start.seqNum)}
                    {end.seqNum - start.seqNum > 1 && ` to ${count(end.seqNum - 1)}`}
                  </b>
                </a>
                <span class="muted">
                  {counted(end.seqNum - start.seqNum, "record")} · <When ms={end.timestamp} />
                </span>
                <span class="num right">{tookMs.toFixed(1)} ms</span>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function Headers({
  rows,
  onChange,
}: {
  readonly rows: readonly (readonly [string, string])[];
  readonly onChange: (rows: readonly (readonly [string, string])[]) => void;
}) {
  const set = (at: number, row: readonly [string, string]): void =>
    onChange(rows.map((old, i) => (i === at ? row : old)));
  return (
    <div class="header-rows">
      {rows.map(([name, value], at) => (
        <div key={at} class="header-row">
          <input
            aria-label={`Name of header ${at + 1}`}
            placeholder="name"
            value={name}
            onInput={({ currentTarget }) => set(at, [currentTarget.value, value])}
          />
          <input
            aria-label={`Value of header ${at + 1}`}
            placeholder="value"
            value={value}
            onInput={({ currentTarget }) => set(at, [name, currentTarget.value])}
          />
          <button
            type="button"
            class="icon"
            aria-label={`Remove header ${at + 1}`}
            onClick={() => onChange(rows.filter((_, i) => i !== at))}
          >
            ✕
          </button>
        </div>
      ))}
      <button type="button" class="quiet" onClick={() => onChange([...rows, ["", ""]])}>
        Add a header
      </button>
    </div>
  );
}

function appendBatch(
  { basin, stream }: StreamTarget,
  records: readonly NewRecord[],
  matchSeqNum: number | undefined,
  token: string,
) {
  return call("append", {
    basin,
    stream,
    records,
    ...(matchSeqNum === undefined ? {} : { matchSeqNum }),
    ...(token === "" ? {} : { fencingToken: token }),
  });
}

function appendAs({ basin, stream }: StreamTarget, body: string, match: string, token: string) {
  const matchSeqNum = match === "" ? undefined : Number(match);
  const options = text({ matchSeqNum, ...(token === "" ? {} : { fencingToken: token }) });
  return {
    title: "append this",
    cli: `printf %s ${shellWord(body)} | s2kit append ${uri(basin, stream)}${flags({ "match-seq-num": matchSeqNum, "fencing-token": token })}`,
    curl: curl({
      ...common(),
      method: "POST",
      path: streamPath(stream, "/records"),
      basin,
      json: {
        records: [{ body }],
        ...(matchSeqNum === undefined ? {} : { match_seq_num: matchSeqNum }),
        ...(token === "" ? {} : { fencing_token: token }),
      },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const record = AppendRecord.string({ body: ${text(body)} });
const ack = await s2.basin(${text(basin)}).stream(${text(stream)}).append(AppendInput.create([record]${options === "{}" ? "" : `, ${options}`}));
console.log(ack.start.seqNum);`,
    ),
  };
}
