// The records of a stream, still or live. What is shown is in the address: where it starts, whether
// it follows, the filter, the open record. The worker holds the records; this screen has the rows
// in sight.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count } from "../../format/numbers.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Search } from "../../parts/fields.js";
import { Grid } from "../../parts/grid.js";
import { Failed, Loading } from "../../parts/notices.js";
import type { RecordsView, RowView, Start, StreamTarget } from "../../protocol.js";
import { records } from "../../state/bridge.js";
import { identity } from "../../state/connection.js";
import { useFeed } from "../../state/followed.js";
import { onKey } from "../../state/keys.js";
import { route, setQuery } from "../../state/route.js";
import { NoRecords } from "./no-records.js";
import { parseStart, readAs } from "./read-as.js";
import { RecordPane } from "./record-pane.js";
import { COLUMNS, RecordCells, rowClass } from "./record-row.js";
import { StartPicker } from "./start-picker.js";
import { Notes, Status } from "./status.js";

export function Records(target: StreamTarget) {
  const { query } = route.value;
  const start = parseStart(query.get("from"));
  const isFollowing = start.kind === "tail" && query.get("live") !== "0";
  const filter = query.get("filter") ?? "";
  const openRecord = query.get("record");
  const turn = useSignal(0);
  const view = useFeed({ ...target, start, isFollowing, filter }, turn.value);
  const place = `${query.get("from")} ${isFollowing} ${turn.value} ${identity.value}`;
  const list = useList(view, place, start.kind === "tail");
  useEffect(() => records.send({ kind: "filter", filter }), [filter]);
  useEffect(
    () =>
      onKey({
        " ": () => {
          if (isFollowing) list.pin(!list.isPinned);
        },
        ...(openRecord === null ? {} : { Escape: () => setQuery({ record: undefined }) }),
      }),
    [isFollowing, view, openRecord === null],
  );
  return (
    <>
      <Bar target={target} start={start} isFollowing={isFollowing} filter={filter} />
      <Status view={view} isFollowing={isFollowing} isPinned={list.isPinned} filter={filter} />
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
                <List view={view} list={list} isFollowing={isFollowing} openRecord={openRecord} />
              )}
              {isFollowing && !list.isPinned && (
                <button type="button" class="fresh primary" onClick={() => list.pin(true)}>
                  {list.fresh > 0 ? `${count(list.fresh)} new ↓` : "To the newest ↓"}
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

interface ListState {
  /** Sticks to the newest record. */
  readonly isPinned: boolean;
  readonly selected: number | undefined;
  /** Records that came since the list stopped to stick to the newest. */
  readonly fresh: number;
  readonly pin: (on: boolean) => void;
  readonly select: (index: number) => void;
}

/** @param place - what the list shows: at another one it begins anew */
function useList(view: RecordsView | undefined, place: string, isAtTail: boolean): ListState {
  const isPinned = useSignal(isAtTail);
  /** Behind the newest record when the list stopped to stick to it. */
  const pausedAt = useSignal(0);
  const selected = useSignal<number | undefined>(undefined);
  const newest = Math.max(view?.hiSeqNum ?? 0, view?.tail?.seqNum ?? 0);
  useEffect(() => {
    isPinned.value = isAtTail;
    selected.value = undefined;
  }, [place]);
  return {
    isPinned: isPinned.value,
    selected: selected.value,
    fresh: newest - pausedAt.value,
    select: (index) => (selected.value = index),
    pin: (on) => {
      if (on === isPinned.peek()) return;
      isPinned.value = on;
      if (on) selected.value = undefined;
      else pausedAt.value = newest;
      records.send({ kind: "pin", isPinned: on });
    },
  };
}

function Bar({
  target,
  start,
  isFollowing,
  filter,
}: {
  readonly target: StreamTarget;
  readonly start: Start;
  readonly isFollowing: boolean;
  readonly filter: string;
}) {
  return (
    <div class="bar sub">
      <StartPicker />
      <Search
        label="Filter the loaded records"
        placeholder="filter what is loaded"
        value={filter}
        onChange={(value) => setQuery({ filter: value })}
      />
      <span class="spacer" />
      <button
        type="button"
        aria-pressed={isFollowing}
        class={isFollowing ? "on" : ""}
        onClick={() => setQuery(isFollowing ? { live: "0" } : { from: undefined, live: undefined })}
      >
        {isFollowing ? "Following" : "Follow"}
      </button>
      <CopyAsButton make={() => readAs(target, start, isFollowing)} />
    </div>
  );
}

function List({
  view,
  list,
  isFollowing,
  openRecord,
}: {
  readonly view: RecordsView;
  readonly list: ListState;
  readonly isFollowing: boolean;
  readonly openRecord: string | null;
}) {
  const rowAt = (index: number): RowView | undefined => view.rows[index - view.first];
  const open = (index: number): void => {
    const row = rowAt(index);
    if (row !== undefined) setQuery({ record: String(row.seqNum) });
  };
  return (
    <Grid
      label="Records"
      kind="records"
      columns={COLUMNS}
      base={view.base}
      length={view.length}
      selected={list.selected}
      isBusy={isFollowing && list.isPinned}
      isPinned={list.isPinned}
      onPinned={list.pin}
      onSelect={list.select}
      onOpen={open}
      onView={(first, rows) => records.send({ kind: "view", first, count: rows })}
      onEdge={(edge) =>
        records.send({ kind: "more", direction: edge === "end" ? "newer" : "older" })
      }
      rowClass={(index) => rowClass(rowAt(index), openRecord)}
      cells={(index) => <RecordCells row={rowAt(index)} />}
    />
  );
}
