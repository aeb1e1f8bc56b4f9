// One record, whole: its headers and its body as text, JSON, hex or base64. A long body is shown or
// saved when somebody asks, and never parsed by itself.

import { useSignal } from "@preact/signals";
import {
  type CopyAs,
  curl,
  flags,
  keyFlag,
  program,
  streamHandle,
  streamPath,
  uri,
} from "../../format/copy-as.js";
import { bytes, count } from "../../format/numbers.js";
import { printable } from "../../format/text.js";
import { exactTime, isoLike } from "../../format/times.js";
import { type BodyForm, BodyView } from "../../parts/body-view.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Failed, Loading } from "../../parts/notices.js";
import type { StreamTarget } from "../../protocol.js";
import { call } from "../../state/bridge.js";
import { common, endpoint } from "../../state/connection.js";
import { copy } from "../../state/dialogs.js";
import { useLoaded } from "../../state/loaded.js";
import { setQuery } from "../../state/route.js";
import { hasKey } from "../../state/stream-keys.js";
import type { WholeRecord } from "../../worker/operations.js";

/** Longer bodies are shown when asked for. */
const MAX_SHOWN_BYTES = 64 * 1024;
const lossy = new TextDecoder();

export function RecordPane({
  basin,
  stream,
  seqNum,
  onClose,
}: StreamTarget & { readonly seqNum: number; readonly onClose: () => void }) {
  const loaded = useLoaded(
    () => call("readRecord", basin, stream, seqNum),
    [basin, stream, seqNum],
  );
  const step = (by: number): void => setQuery({ record: String(Math.max(seqNum + by, 0)) });
  return (
    <aside class="record" aria-label={`Record ${count(seqNum)}`}>
      <header class="bar">
        <button
          type="button"
          class="icon"
          aria-label="Record before"
          disabled={seqNum === 0}
          onClick={() => step(-1)}
        >
          ↑
        </button>
        <button type="button" class="icon" aria-label="Next record" onClick={() => step(1)}>
          ↓
        </button>
        <h2 class="num">{count(seqNum)}</h2>
        <span class="spacer" />
        <button
          type="button"
          class="quiet"
          onClick={() => copy(location.href, "Link to this record")}
        >
          Link
        </button>
        <CopyAsButton make={() => readAs(basin, stream, seqNum)} />
        <button type="button" class="icon" aria-label="Close the record" onClick={onClose}>
          ✕
        </button>
      </header>
      {loaded.failure !== undefined && <Failed failure={loaded.failure} retry={loaded.reload} />}
      {loaded.isLoading && <Loading what={`record ${count(seqNum)}`} />}
      {!loaded.isLoading && loaded.failure === undefined && loaded.value === undefined && (
        <p class="note">
          Record {count(seqNum)} is not there: it was trimmed, or is not written yet.
        </p>
      )}
      {loaded.value !== undefined && <Content record={loaded.value} />}
    </aside>
  );
}

function Content({ record }: { readonly record: WholeRecord }) {
  const isLong = record.body.length > MAX_SHOWN_BYTES;
  const isShown = useSignal(!isLong);
  const form = useSignal<BodyForm>("auto");
  return (
    <div class="content">
      <dl class="facts small">
        <div class="fact">
          <dt>Time, UTC</dt>
          <dd class="num" title={exactTime(record.timestamp)}>
            {isoLike(record.timestamp, true)}
          </dd>
        </div>
        <div class="fact">
          <dt>Time, local</dt>
          <dd class="num">{isoLike(record.timestamp, false)}</dd>
        </div>
        <div class="fact">
          <dt>Body</dt>
          <dd class="num" title={`${count(record.body.length)} bytes`}>
            {bytes(record.body.length)}
          </dd>
        </div>
      </dl>
      {record.headers.length > 0 && (
        <table class="headers">
          <caption>Headers</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {record.headers.map(([name, value], at) => (
              <tr key={at}>
                <td>
                  <bdi>
                    {name.length === 0 ? "(empty: a command)" : printable(lossy.decode(name))}
                  </bdi>
                </td>
                <td>
                  <bdi>{printable(lossy.decode(value.subarray(0, 4096)))}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isShown.value ? (
        <BodyView body={record.body} form={form} />
      ) : (
        <p class="actions start">
          <span>{bytes(record.body.length)}:</span>
          <button type="button" onClick={() => (isShown.value = true)}>
            Show
          </button>
        </p>
      )}
      <p class="actions start">
        <button type="button" class="quiet" onClick={() => download(record)}>
          Download the body
        </button>
      </p>
    </div>
  );
}

function download({ seqNum, body }: WholeRecord): void {
  const url = URL.createObjectURL(new Blob([body as BlobPart]));
  const link = document.createElement("a");
  link.href = url;
  link.download = `record-${seqNum}`;
  link.click();
  URL.revokeObjectURL(url);
}

function readAs(basin: string, stream: string, seqNum: number): CopyAs {
  const isKeyed = hasKey({ basin, stream });
  return {
    title: `read record ${count(seqNum)}`,
    cli: `s2kit read ${uri(basin, stream)}${flags({ "seq-num": seqNum, count: 1 })}${keyFlag(isKeyed)} --format json`,
    curl: curl({
      ...common(),
      path: streamPath(stream, "/records"),
      basin,
      isKeyed,
      query: { seq_num: seqNum, count: 1 },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const { records } = await ${streamHandle(basin, stream, isKeyed)}.read({
  start: { from: { seqNum: ${seqNum} } },
  stop: { limits: { count: 1 } },
});
console.log(records[0]);`,
    ),
  };
}
