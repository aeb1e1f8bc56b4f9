// Works off the agenda: looks at each stream whose time has come, lets retention trim it, deletes
// it when it has been empty for long enough, and puts it back on the agenda. Whatever was read
// before an await is read again behind it: streams are deleted, made anew and configured while
// storage looks.

import { assert } from "@s2kit/core";
import { giveBackRuns } from "../../lending/lent-buffers.js";
import type { LogPosition } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import { type AgendaEntry, dueSecsOf, entriesUntil, rescheduled } from "../catalog/agenda.js";
import { AGENDA } from "../catalog/keys/agenda-entry.js";
import { EMPTY_MARK } from "../catalog/keys/empty-mark.js";
import { remove } from "../catalog/keys/key-kind.js";
import type { StreamRecord } from "../catalog/keys/stream.js";
import { emptySince, isOverdue } from "./delete-on-empty.js";
import { type RetentionComponents, trimExpired } from "./retention.js";

/** Streams between two turns of the event loop: a few milliseconds. */
const PAGE = 25;
/** A stream is not looked at again before this, even when it is due at once. */
const MIN_PAUSE_SECS = 30;
/** And after this at the latest, when its stamps do not tell. */
const MAX_UNSURE_SECS = 3600;
assert(MIN_PAUSE_SECS < MAX_UNSURE_SECS, "the pauses between visits are a range");

export interface VisitsComponents extends RetentionComponents {
  /** Deletes as a call of the API would. */
  deleteStream(entry: AgendaEntry): void;
  /** One stream that cannot be looked at must not keep the others waiting. */
  onError(error: unknown): void;
}

/** Visits every stream that is due now. */
export async function visitDueStreams(components: VisitsComponents): Promise<void> {
  const { catalog } = components;
  const untilSecs = Math.floor(components.now() / 1000);
  let after = "";
  for (;;) {
    const page = entriesUntil(catalog, untilSecs, after, PAGE);
    let position: LogPosition = 0;
    for (const entry of page) {
      if (catalog.storage.status !== "open") return;
      after = entry.name;
      position = await visit(components, entry);
    }
    if (page.length < PAGE) return;
    // When a great many are due, they must not fill the room in front of the disk.
    await catalog.storage.whenDurable(position);
    await turn();
  }
}

/** @returns where the last commit of the visit is */
async function visit(components: VisitsComponents, entry: AgendaEntry): Promise<LogPosition> {
  const { catalog } = components;
  /** The record while this entry of the agenda is its own: a new policy takes another one. */
  const current = (): StreamRecord | undefined => {
    const record = catalog.stream(entry.basin, entry.stream);
    return record?.streamId === entry.streamId && record.dueSecs === entry.dueSecs
      ? record
      : undefined;
  };
  let oldestMs: number | undefined;
  let hasFailed = false;
  try {
    await trimExpired(components, entry, current);
    oldestMs = await oldestOf(components, entry, current());
  } catch (error) {
    hasFailed = true;
    components.onError(error);
  }
  const record = current();
  if (record === undefined) return catalog.storage.commit([remove(AGENDA, entry)]).position;
  // The purge takes it off the agenda.
  if (record.deletedMs !== undefined) return catalog.storage.durable;
  return conclude(components, entry, record, { oldestMs, hasFailed });
}

/** Deletes the stream, or says when to look again. */
function conclude(
  components: VisitsComponents,
  entry: AgendaEntry,
  record: StreamRecord,
  { oldestMs, hasFailed }: { readonly oldestMs: number | undefined; readonly hasFailed: boolean },
): LogPosition {
  const { catalog } = components;
  const nowMs = components.now();
  const state = catalog.storage.streamState(entry.streamId);
  const mark = catalog.get(EMPTY_MARK, entry.streamId);
  const emptySinceMs = state === undefined ? undefined : emptySince(state, mark);
  if (isOverdue(emptySinceMs, record.config.deleteOnEmpty.minAgeSecs, nowMs)) {
    components.deleteStream(entry);
    return catalog.storage.durable;
  }
  const soonest = Math.floor(nowMs / 1000) + MIN_PAUSE_SECS;
  const due = hasFailed ? soonest : dueSecsOf(record.config, { nowMs, oldestMs, emptySinceMs });
  const dueSecs = due === undefined ? undefined : Math.max(due, soonest);
  // Not through the catalog: no reply has to wait for the durability of an appointment.
  return catalog.storage.commit(rescheduled(entry, record, dueSecs).mutations).position;
}

/** When the oldest record was written, as far as it matters for retention. */
async function oldestOf(
  components: VisitsComponents,
  { streamId }: AgendaEntry,
  record: StreamRecord | undefined,
): Promise<number | undefined> {
  const { storage } = components.catalog;
  const state = storage.streamState(streamId);
  const policy = record?.config.retentionPolicy;
  if (policy === undefined || !("ageSecs" in policy)) return undefined;
  if (state === undefined || state.trimPoint === state.tail.seqNum) return undefined;
  const limits = { maxBytes: 1, endSeqNum: Number.MAX_SAFE_INTEGER };
  const found = await storage.read(streamId, state.trimPoint, limits);
  giveBackRuns(found);
  const [oldest] = found;
  const nowMs = components.now();
  if (oldest === undefined || oldest.writtenMs <= nowMs) return oldest?.writtenMs;
  // Stamped by a clock that jumped: those behind it may be older, so it is looked at again before
  // long.
  return nowMs - Math.max(0, policy.ageSecs - MAX_UNSURE_SECS) * 1000;
}
