// The records of a stream, still or live. What is shown is in the address: where it starts, whether
// it follows, the filter, the open record. The worker holds the records; this screen has the rows
// in sight.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { curl, flags, program, streamPath, text, uri } from "../format/copy-as.js";
import { bytes, count, counted } from "../format/numbers.js";
import { now, parseTime, span } from "../format/times.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { Grid } from "../parts/grid.js";
import { Empty, Failed, Loading } from "../parts/notices.js";
import { Sparkline } from "../parts/sparkline.js";
import { When } from "../parts/when.js";
import type { RecordsView, RowView, Start } from "../protocol.js";
import { records } from "../state/bridge.js";
import { endpoint } from "../state/connection.js";
import { useFeed } from "../state/followed.js";
import { onKey } from "../state/keys.js";
import { hrefOf, route, setQuery } from "../state/route.js";
import { common } from "./basins.js";
import { RecordPane } from "./record-pane.js";
import { StartPicker } from "./start-picker.js";
import type { StreamTarget } from "./stream.js";

const COLUMNS = [
  { name: "Number", class: "right" },
  { name: "Time" },
  { name: "Body" },
  { name: "Headers", class: "right wide-only" },
  { name: "Size", class: "right" },
];

/** `tail`, `seq:42`, `time:1700000000000`. */
export function parseStart(value: string | null): Start {
  const [kind, number] = (value ?? "tail").split(":");
  if (kind === "seq" && /^\d+$/.test(number ?? "")) return { kind: "seq", seqNum: Number(number) };
  const timestamp = kind === "time" ? parseTime(number ?? "") : undefined;
  return timestamp === undefined ? { kind: "tail" } : { kind: "time", timestamp };
}

export function Records(target: StreamTarget) {
  const { query } = route.value;
  const start = parseStart(query.get("from"));
  const isFollowing = start.kind === "tail" && query.get("live") !== "0";
  const filter = query.get("filter") ?? "";
  const openRecord = query.get("record");
  const turn = useSignal(0);
  const isPinned = useSignal(start.kind === "tail");
  /** Behind the newest record when the list stopped to stick to it. */
  const pausedAt = useSignal(0);
  const selected = useSignal<number | undefined>(undefined);
  const view = useFeed({ ...target, start, isFollowing, filter }, turn.value);

  const pin = (on: boolean): void => {
    if (on === isPinned.value) return;
    isPinned.value = on;
    if (on) selected.value = undefined;
    else pausedAt.value = Math.max(view?.hiSeqNum ?? 0, view?.tail?.seqNum ?? 0);
    records.send({ kind: "pin", isPinned: on });
  };
  useEffect(() => records.send({ kind: "filter", filter }), [filter]);
  useEffect(() => {
    isPinned.value = start.kind === "tail";
    selected.value = undefined;
  }, [start.kind, query.get("from"), isFollowing, turn.value]);
  useEffect(
    () =>
      onKey({
        " ": () => {
          if (isFollowing) pin(!isPinned.value);
        },
        Escape: () => setQuery({ record: undefined }),
      }),
    [isFollowing, view],
  );

  const rowAt = (index: number): RowView | undefined =>
    view === undefined ? undefined : view.rows[index - view.first];
  const open = (index: number): void => {
    const row = rowAt(index);
    if (row !== undefined) setQuery({ record: String(row.seqNum) });
  };
  const fresh =
    view === undefined ? 0 : Math.max(view.hiSeqNum, view.tail?.seqNum ?? 0) - pausedAt.value;
  return (
    <>
      <div class="bar sub">
        <StartPicker />
        <input
          type="search"
          class="search"
          aria-label="Filter the loaded records"
          placeholder="filter what is loaded…  /"
          value={filter}
          onInput={({ currentTarget }) => setQuery({ filter: currentTarget.value })}
        />
        <span class="spacer" />
        <button
          type="button"
          aria-pressed={isFollowing}
          class={isFollowing ? "on" : ""}
          onClick={() =>
            setQuery(isFollowing ? { live: "0" } : { from: undefined, live: undefined })
          }
        >
          {isFollowing ? "Following" : "Follow"}
        </button>
        <CopyAsButton make={() => readAs(target, start, isFollowing)} />
      </div>
      <Status view={view} isFollowing={isFollowing} isPinned={isPinned.value} filter={filter} />
      {view?.phase.kind === "failed" && (
        <Failed failure={view.phase.failure} retry={() => turn.value++} />
      )}
      <div class={openRecord === null ? "split" : "split open"}>
        <div class="pane">
          {view === undefined || (view.phase.kind === "loading" && view.length === 0) ? (
            <Loading what="records" />
          ) : (
            <>
              <Notes view={view} />
              {view.length === 0 && view.phase.kind !== "failed" && (
                <NoRecords {...target} view={view} filter={filter} />
              )}
              {view.length > 0 && (
                <Grid
                  label="Records"
                  kind="records"
                  columns={COLUMNS}
                  base={view.base}
                  length={view.length}
                  selected={selected.value}
                  isBusy={isFollowing && isPinned.value}
                  isPinned={isPinned.value}
                  onPinned={pin}
                  onSelect={(index) => (selected.value = index)}
                  onOpen={open}
                  onView={(first, rows) => records.send({ kind: "view", first, count: rows })}
                  onEdge={(edge) =>
                    records.send({ kind: "more", direction: edge === "end" ? "newer" : "older" })
                  }
                  rowClass={(index) => classOf(rowAt(index), openRecord)}
                  cells={(index) => <Cells row={rowAt(index)} />}
                />
              )}
              {isFollowing && !isPinned.value && (
                <button type="button" class="fresh primary" onClick={() => pin(true)}>
                  {fresh > 0 ? `${count(fresh)} new ↓` : "To the newest ↓"}
                </button>
              )}
            </>
          )}
        </div>
        {openRecord !== null && (
          <RecordPane
            {...target}
            seqNum={Number(openRecord)}
            key={openRecord}
            onClose={() => setQuery({ record: undefined })}
          />
        )}
      </div>
    </>
  );
}

function classOf(row: RowView | undefined, openRecord: string | null): string {
  if (row === undefined) return "";
  const isOpen = String(row.seqNum) === openRecord ? " current" : "";
  return `${row.kind === "data" ? "" : "command"}${row.skipped > 0 ? " skipped" : ""}${isOpen}`;
}

function Cells({ row }: { readonly row: RowView | undefined }) {
  if (row === undefined) return <span role="gridcell" class="waiting" />;
  return (
    <>
      <span
        role="gridcell"
        class="right num seq"
        title={
          row.skipped > 0
            ? `${counted(row.skipped, "record")} before this one not shown`
            : undefined
        }
      >
        {count(row.seqNum)}
      </span>
      <span role="gridcell" class="muted">
        <When ms={row.timestamp} />
      </span>
      <span role="gridcell" class={`body-cell ${row.isText ? "" : "binary"}`}>
        {row.kind !== "data" && <span class="badge">{row.kind}</span>}
        {!row.isText && <span class="badge">binary</span>}
        {row.preview === "" ? <span class="muted">empty body</span> : <bdi>{row.preview}</bdi>}
      </span>
      <span role="gridcell" class="right num muted wide-only">
        {row.headers === 0 ? "" : count(row.headers)}
      </span>
      <span role="gridcell" class="right num muted">
        {bytes(row.bodyBytes)}
      </span>
    </>
  );
}

/** One line of what there is to know about the list. Of one height, whatever it says. */
function Status({
  view,
  isFollowing,
  isPinned,
  filter,
}: {
  readonly view: RecordsView | undefined;
  readonly isFollowing: boolean;
  readonly isPinned: boolean;
  readonly filter: string;
}) {
  return (
    <div class="status" role="group" aria-label="State of the list">
      {isFollowing ? <Badge view={view} isPinned={isPinned} /> : <span class="badge">still</span>}
      {view !== undefined && (
        <>
          {view.sampling > 1 && <span class="badge warn">showing 1 of {count(view.sampling)}</span>}
          {isFollowing && (
            <span class="rate">
              <Sparkline values={view.history} label="Records per second, last minute" />
              <span class="num">{count(view.perSecond)}/s</span>
            </span>
          )}
          <span class="muted num">
            {filter.trim() === ""
              ? `${count(view.loaded)} loaded`
              : `${count(view.length)} of ${count(view.loaded)} loaded match`}
          </span>
          {view.tail !== undefined && (
            <span class="muted num">
              tail {count(view.tail.seqNum)}
              {view.tail.seqNum > 0 && (
                <>
                  {" · "}
                  <When ms={view.tail.timestamp} />
                </>
              )}
            </span>
          )}
          {view.reconnects > 0 && (
            <span
              class="muted num"
              title="The connection was lost and made again; reading went on where it had stopped"
            >
              reconnected {view.reconnects === 1 ? "once" : `${view.reconnects} times`}, nothing
              left out
            </span>
          )}
        </>
      )}
    </div>
  );
}

function Badge({
  view,
  isPinned,
}: {
  readonly view: RecordsView | undefined;
  readonly isPinned: boolean;
}) {
  const phase = view?.phase;
  if (view === undefined || phase === undefined || phase.kind === "loading")
    return <span class="badge">connecting</span>;
  if (phase.kind === "failed") return <span class="badge bad">ended</span>;
  if (phase.kind === "reconnecting")
    return (
      <span class="badge bad" title={phase.reason}>
        reconnecting, {span(now() - phase.sinceMs)}
      </span>
    );
  if (phase.kind === "held")
    return <span class="badge warn">paused, records wait on the server</span>;
  const behind = (view.tail?.seqNum ?? 0) - view.hiSeqNum;
  if (phase.kind === "following" && !phase.isCaughtUp)
    return <span class="badge warn">lagging, {count(behind)} behind</span>;
  return <span class={isPinned ? "badge good" : "badge"}>{isPinned ? "live" : "paused"}</span>;
}

function Notes({ view }: { readonly view: RecordsView }) {
  const notes = [];
  if (view.jumpedOver > 0)
    notes.push(
      `Jumped over ${counted(view.jumpedOver, "record")} to get to the tail; scroll up to read them.`,
    );
  if (view.isAtStart && view.trimmedBefore > 0)
    notes.push(`Records before ${count(view.trimmedBefore)} were trimmed: they are gone.`);
  if (notes.length === 0) return null;
  return <p class="note">{notes.join(" ")}</p>;
}

function NoRecords({
  basin,
  stream,
  view,
  filter,
}: StreamTarget & { readonly view: RecordsView; readonly filter: string }) {
  if (filter.trim() !== "")
    return (
      <Empty title="Nothing that is loaded matches">
        <p>
          The filter looks at the {counted(view.loaded, "record")} loaded here, not at the whole
          stream.
        </p>
      </Empty>
    );
  const href = hrefOf({ screen: "stream", basin, stream, tab: "append" });
  if (view.tail === undefined || view.tail.seqNum === 0)
    return (
      <Empty title="This stream is empty">
        <p>
          <a href={href}>Append the first record</a>, or write it from a terminal: it shows up here
          at once.
        </p>
        <pre class="code">echo hello | s2kit append {uri(basin, stream)}</pre>
      </Empty>
    );
  return (
    <Empty title="No records here">
      <p>
        {view.phase.kind === "still"
          ? "Nothing is kept from this place on. Start earlier, or follow the tail."
          : `Everything before ${count(view.tail.seqNum)} was trimmed. New records show up here.`}
      </p>
    </Empty>
  );
}

function readAs({ basin, stream }: StreamTarget, start: Start, isFollowing: boolean) {
  const seqNum = start.kind === "seq" ? start.seqNum : undefined;
  const timestamp = start.kind === "time" ? start.timestamp : undefined;
  const tailOffset = start.kind === "tail" ? 10 : undefined;
  const from = { seqNum, timestamp, tailOffset };
  const bound = isFollowing ? {} : { count: 100 };
  return {
    title: isFollowing ? "follow this stream" : "read these records",
    cli: isFollowing
      ? `s2kit tail -f ${uri(basin, stream)}`
      : `s2kit read ${uri(basin, stream)}${flags({ "seq-num": seqNum, timestamp, "tail-offset": tailOffset, ...bound })}`,
    curl: curl({
      ...common(),
      path: streamPath(stream, "/records"),
      basin,
      query: { seq_num: seqNum, timestamp, tail_offset: tailOffset, ...bound },
      ...(isFollowing ? { accept: "text/event-stream" } : {}),
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const reader = await s2.basin(${text(basin)}).stream(${text(stream)}).readSession({
  start: { from: ${text(from)} },${isFollowing ? "" : "\n  stop: { limits: { count: 100 } },"}
});
for await (const record of reader) console.log(record.seqNum, record.body);`,
    ),
  };
}
