// Purges what was marked as deleted: streams (records, state, metadata, usage), then basins that
// have no stream left. Works off the list of marks in bounded steps, each durable before the next,
// so that it costs what was deleted and leaves the loop and the log to others in between; after a
// restart it goes on at once. Spec: control-plane#delete-a-basin, control-plane#delete-a-stream.

import type { Clock, Timer } from "@s2kit/core";
import { assert } from "@s2kit/core";
import type { LogPosition, Mutation, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import type { Streamers } from "../append/streamers.js";
import { unscheduled } from "../catalog/agenda.js";
import type { Catalog } from "../catalog/catalog.js";
import {
  firstMarkedBasin,
  hasMarks,
  markedStreams,
  unmarkBasin,
  unmarkStream,
} from "../catalog/deletion-marks.js";
import { BASIN } from "../catalog/keys/basin.js";
import { remove } from "../catalog/keys/key-kind.js";
import { STREAM, type StreamName, type StreamRecord } from "../catalog/keys/stream.js";
import { unmarkEmpty } from "./delete-on-empty.js";

/** Most streams that one step purges: one commit each step, a few milliseconds. */
const STEP_STREAMS = 50;

/** Time in which late callers of a deleted resource learn that it is being deleted, ms. */
export const DELETION_DELAY_MS = 250;
/** A purge that failed (a full disk, a busy log) is tried again after this, ms. */
const RETRY_MS = 5000;
assert(DELETION_DELAY_MS < RETRY_MS, "what failed is tried later than what is new");

/** What else is kept about streams and basins, and goes with them. */
export interface DeletedUsage {
  /** Rows of streams; `basinGoes`: what their basin adds up is dropped with it. */
  dropStreams(streamIds: readonly StreamId[], basinGoes: boolean): readonly Mutation[];
  /** Says whether a basin has streams now. */
  noteBasin(basin: string): void;
  /** Rows of a basin, a bounded number at a time; each is gone before the next is asked for. */
  basinRows(basin: string, createdMs: number): Iterator<readonly Mutation[]>;
  /** What goes together with the basin itself. */
  dropBasin(basin: string): readonly Mutation[];
}

export interface DeletionComponents {
  readonly catalog: Catalog;
  readonly streamers: Streamers;
  readonly clock: Clock;
  readonly usage: DeletedUsage;
  /**
   * Of several shards: this one has nothing of a deleted basin any more. The basin itself stays,
   * until all say so; without it, it goes with its last stream.
   */
  readonly onBasinEmptied?: (() => void) | undefined;
  /** A failed purge is tried again; this tells why. */
  onError(error: unknown): void;
}

export class Deletion {
  private readonly components: DeletionComponents;
  private timer: Timer | undefined = undefined;
  private running: Promise<void> | undefined = undefined;
  private isClosed = false;
  /** The basin whose usage is being purged. */
  private leaving: { basin: string; rows: Iterator<readonly Mutation[]> } | undefined = undefined;

  /** Goes on with what an earlier process left. */
  constructor(components: DeletionComponents) {
    this.components = components;
    if (hasMarks(components.catalog)) this.schedule();
  }

  /** Purges what was marked, after a delay; called at each mark. */
  schedule(delayMs: number = DELETION_DELAY_MS): void {
    if (this.isClosed) return;
    this.timer ??= this.components.clock.setTimer(
      () => {
        this.timer = undefined;
        void this.run();
      },
      delayMs,
      { keepsAlive: false },
    );
  }

  /** Purges everything that is marked; joins a purge that is under way. Never rejects. */
  run(): Promise<void> {
    this.running ??= this.purge()
      .catch((error: unknown) => {
        if (this.isStopped) return;
        // Rows whose commit failed have to be found again.
        this.leaving = undefined;
        this.components.onError(error);
        this.schedule(RETRY_MS);
      })
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private get isStopped(): boolean {
    return this.isClosed || this.components.catalog.storage.status !== "open";
  }

  private async purge(): Promise<void> {
    const { storage } = this.components.catalog;
    while (!this.isStopped) {
      const position = this.step();
      if (position === undefined) return;
      await storage.whenDurable(position);
      await turn();
    }
  }

  /** One bounded step; undefined when nothing is left to do. */
  private step(): LogPosition | undefined {
    const { catalog } = this.components;
    const marked = markedStreams(catalog, STEP_STREAMS);
    if (marked.length > 0)
      return this.purgeStreams(
        marked.map((name) => ({ ...name, record: catalog.stream(name.basin, name.stream) })),
        false,
      );
    const basin = firstMarkedBasin(catalog);
    return basin === undefined ? undefined : this.purgeBasin(basin);
  }

  private purgeStreams(
    streams: readonly (StreamName & { readonly record: StreamRecord | undefined })[],
    basinGoes: boolean,
  ): LogPosition {
    const { catalog, streamers, usage } = this.components;
    const going = streams.filter(({ record }) => basinGoes || record?.deletedMs !== undefined);
    const records = going.flatMap(({ record }) => record ?? []);
    const ids = records.map(({ streamId }) => streamId);
    const position = catalog.commit([
      ...records.flatMap((record) => dropped(catalog, record)),
      ...usage.dropStreams(ids, basinGoes),
      ...going.map((name) => remove(STREAM, name)),
      ...streams.map(unmarkStream),
    ]);
    // Behind the commit: one that throws leaves the stream as it was, with the one writer it has.
    // Appends on their way to the disk come before this in the log: they still get their acks.
    for (const name of going) streamers.retire(name);
    if (!basinGoes)
      for (const basin of new Set(going.map((name) => name.basin))) usage.noteBasin(basin);
    return position;
  }

  private purgeBasin(basin: string): LogPosition {
    const { catalog, usage, onBasinEmptied } = this.components;
    const record = catalog.basin(basin);
    if (record?.deletedMs === undefined) return catalog.commit([unmarkBasin(basin)]);
    const page = catalog.streams(basin, { prefix: "", startAfter: "", limit: STEP_STREAMS });
    if (page.items.length > 0)
      return this.purgeStreams(
        page.items.map(({ name, value }) => ({ basin, stream: name, record: value })),
        true,
      );
    if (this.leaving?.basin !== basin)
      this.leaving = { basin, rows: usage.basinRows(basin, record.createdMs) };
    const rows = this.leaving.rows.next();
    if (rows.done !== true)
      return rows.value.length > 0 ? catalog.commit(rows.value) : catalog.storage.durable;
    this.leaving = undefined;
    const itself = onBasinEmptied === undefined ? [remove(BASIN, basin)] : [];
    const position = catalog.commit([...usage.dropBasin(basin), ...itself, unmarkBasin(basin)]);
    onBasinEmptied?.();
    return position;
  }
}

/** Records, state and everything that is kept by the id of a stream. */
function dropped(catalog: Catalog, record: StreamRecord): readonly Mutation[] {
  const { streamId } = record;
  const drop: Mutation = { kind: "drop-stream", streamId };
  return [
    ...(catalog.storage.streamState(streamId) === undefined ? [] : [drop]),
    ...unscheduled(record),
    unmarkEmpty(streamId),
  ];
}
