// The agenda of the background: for each stream that retention or delete-on-empty may concern, the
// time at which somebody has to look at it next. A minute's work is what has come due, and not the
// catalog. A stream has one entry at most, and its record knows which; both change in one commit.

import type { ResolvedStreamConfig } from "@s2kit/core/control";
import type { Mutation, StreamId } from "../../storage/storage.js";
import type { Catalog } from "./catalog.js";
import { AGENDA, MAX_DUE_SECS } from "./keys/agenda-entry.js";
import { put, remove } from "./keys/key-kind.js";
import { STREAM, type StreamName, type StreamRecord } from "./keys/stream.js";

/**
 * A stream with records that only a trim can empty tells when it does; this is for the case it
 * cannot.
 */
const RECHECK_SECS = 86_400;

/** What is known about a stream when its next visit is decided. */
export interface StreamFacts {
  readonly nowMs: number;
  /** When its oldest record was written; undefined when it has none, or nobody looked. */
  readonly oldestMs?: number | undefined;
  /** Since when it has no records; undefined when it has some. */
  readonly emptySinceMs?: number | undefined;
}

/**
 * The first time at which anything may have to be done; undefined when that is never. A record that
 * is yet to come is no older than now, so a stream without records is looked at after a whole age.
 * Pure.
 */
export function dueSecsOf(
  {
    retentionPolicy,
    deleteOnEmpty,
  }: Pick<ResolvedStreamConfig, "retentionPolicy" | "deleteOnEmpty">,
  { nowMs, oldestMs = nowMs, emptySinceMs }: StreamFacts,
): number | undefined {
  const dues: number[] = [];
  // A clock that had jumped ahead must not keep records for longer.
  if ("ageSecs" in retentionPolicy)
    dues.push(Math.min(oldestMs, nowMs) / 1000 + retentionPolicy.ageSecs);
  const { minAgeSecs } = deleteOnEmpty;
  if (minAgeSecs > 0)
    dues.push(
      emptySinceMs === undefined
        ? nowMs / 1000 + Math.max(minAgeSecs, RECHECK_SECS)
        : emptySinceMs / 1000 + minAgeSecs,
    );
  const due = Math.ceil(Math.min(...dues));
  return due > MAX_DUE_SECS ? undefined : Math.max(0, due);
}

/** The record with another entry on the agenda, or none, and the mutations that store both. */
export function rescheduled(
  { basin, stream }: StreamName,
  record: StreamRecord,
  dueSecs: number | undefined,
): { readonly record: StreamRecord; readonly mutations: readonly Mutation[] } {
  const { streamId } = record;
  const next: StreamRecord = { ...record, dueSecs };
  const mutations = [put(STREAM, { basin, stream }, next)];
  if (record.dueSecs !== undefined && record.dueSecs !== dueSecs)
    mutations.push(remove(AGENDA, { dueSecs: record.dueSecs, streamId }));
  if (dueSecs !== undefined) mutations.push(put(AGENDA, { dueSecs, streamId }, [basin, stream]));
  return { record: next, mutations };
}

/** Takes the stream off the agenda, together with the record that somebody else removes. */
export function unscheduled({ dueSecs, streamId }: StreamRecord): readonly Mutation[] {
  return dueSecs === undefined ? [] : [remove(AGENDA, { dueSecs, streamId })];
}

export interface AgendaEntry extends StreamName {
  /** Where the next page begins. */
  readonly name: string;
  readonly dueSecs: number;
  readonly streamId: StreamId;
}

/** Entries in order of their time, behind a name of the last page, up to a time. */
export function entriesUntil(
  catalog: Catalog,
  untilSecs: number,
  startAfter: string,
  limit: number,
): readonly AgendaEntry[] {
  const page = catalog.page(AGENDA, { prefix: "", startAfter, limit });
  return page.items
    .map(({ name, value: [basin, stream] }) => ({ name, ...AGENDA.partsOf(name), basin, stream }))
    .filter(({ dueSecs }) => dueSecs <= untilSecs);
}
