// The census: one walk over the whole catalog, in bounded steps, that makes true what everything
// else here takes for granted: what was deleted is marked, what may come due is on the agenda,
// sizes agree with the storage, and nothing is kept about what is gone. It runs when an earlier
// version wrote the directory, or the last process did not end by itself; after a clean stop there
// is nothing to count.

import type { Mutation, StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import { dueSecsOf, rescheduled } from "../catalog/agenda.js";
import type { Catalog, NamedEntry, NamePage } from "../catalog/catalog.js";
import { isBasinMarked, isStreamMarked, markBasin, markStream } from "../catalog/deletion-marks.js";
import { CENSUS, type CensusRecord } from "../catalog/keys/census-record.js";
import { EMPTY_MARK } from "../catalog/keys/empty-mark.js";
import { ONLY, put } from "../catalog/keys/key-kind.js";
import type { StreamName, StreamRecord } from "../catalog/keys/stream.js";
import { emptySince, markEmpty, unmarkEmpty } from "./delete-on-empty.js";

/** Grows when the walk has to find something new in directories of earlier versions. */
const VERSION = 1;
/** Entries in a step: about two milliseconds. */
const PAGE = 50;

/** The part of usage in the census. */
export interface CensusUsage {
  /** Compares the size that is kept of a stream with the storage. */
  check(basin: string, streamId: StreamId): void;
  /** Counts again the streams that {@link CensusUsage.check} found to differ. */
  catchUp(): Promise<void>;
  /** Says whether a basin has streams now. */
  noteBasin(basin: string): void;
  /** Removes rows of what is gone, a page at a time. */
  goneRows(limit: number): Iterator<readonly Mutation[]>;
}

export interface CensusComponents {
  readonly catalog: Catalog;
  readonly usage: CensusUsage;
  now(): number;
  /** Called at the end of the walk: what was deleted before is marked now, and can be purged. */
  onMarked(): void;
  onError(error: unknown): void;
}

export class Census {
  /** True when the walk has come to the end of the catalog. */
  isDone = false;
  private readonly components: CensusComponents;
  private isClosed = false;
  private running: Promise<void> | undefined = undefined;

  constructor(components: CensusComponents) {
    this.components = components;
    void this.run();
  }

  /**
   * Begins again, if the walk could not be ended before; joins one that is under way. Never
   * rejects.
   */
  run(): Promise<void> {
    if (this.isDone || this.isStopped) return Promise.resolve();
    this.running ??= this.start()
      .catch((error: unknown) => {
        if (!this.isStopped) this.components.onError(error);
      })
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  /** Ends the walk; the next process starts it again. */
  close(): void {
    this.isClosed = true;
  }

  /** Says that the next process has nothing to look at; only true behind everything else. */
  confirm(): void {
    if (!this.isDone || this.components.catalog.storage.status !== "open") return;
    try {
      this.store({ version: VERSION, isClean: true });
    } catch (error) {
      this.components.onError(error);
    }
  }

  private get isStopped(): boolean {
    return this.isClosed || this.components.catalog.storage.status !== "open";
  }

  private async start(): Promise<void> {
    const last = this.components.catalog.get(CENSUS, ONLY);
    const isNeeded = last === undefined || last.version < VERSION || !last.isClean;
    if (last?.isClean !== false) this.store({ version: last?.version ?? 0, isClean: false });
    if (isNeeded) await this.count();
    if (this.isStopped) return;
    if (last === undefined || last.version < VERSION)
      this.store({ version: VERSION, isClean: false });
    this.isDone = true;
  }

  private async count(): Promise<void> {
    const { catalog, usage } = this.components;
    await turn();
    let startAfter = "";
    for (;;) {
      const basins = catalog.basins({ prefix: "", startAfter, limit: PAGE });
      for (const { name } of basins.items) {
        if (this.isStopped) return;
        startAfter = name;
        await this.countStreams(name);
      }
      if (!basins.hasMore) break;
      await turn();
    }
    await this.pages(
      (after) => catalog.page(EMPTY_MARK, { prefix: "", startAfter: after, limit: PAGE }),
      (items) =>
        items.flatMap(({ name }) => {
          const streamId = Number(name);
          return catalog.storage.streamState(streamId) === undefined ? [unmarkEmpty(streamId)] : [];
        }),
    );
    const rows = usage.goneRows(PAGE);
    for (let page = rows.next(); page.done !== true && !this.isStopped; page = rows.next())
      await this.settle(page.value);
    if (!this.isStopped) this.components.onMarked();
  }

  private async countStreams(basin: string): Promise<void> {
    const { catalog, usage } = this.components;
    if (catalog.basin(basin)?.deletedMs !== undefined && !isBasinMarked(catalog, basin))
      await this.settle([markBasin(basin)]);
    await this.pages(
      (startAfter) => catalog.streams(basin, { prefix: "", startAfter, limit: PAGE }),
      (items) => {
        for (const { value } of items) usage.check(basin, value.streamId);
        return items.flatMap(({ name, value }) => this.corrections({ basin, stream: name }, value));
      },
    );
    if (!this.isStopped) usage.noteBasin(basin);
  }

  private corrections(name: StreamName, record: StreamRecord): readonly Mutation[] {
    const { catalog } = this.components;
    if (record.deletedMs !== undefined)
      return isStreamMarked(catalog, name) ? [] : [markStream(name)];
    const { streamId, config } = record;
    const state = catalog.storage.streamState(streamId);
    if (record.dueSecs !== undefined || state === undefined) return [];
    const nowMs = this.components.now();
    const mark = catalog.get(EMPTY_MARK, streamId);
    const emptySinceMs = emptySince(state, mark);
    const due = dueSecsOf(config, { nowMs, emptySinceMs });
    if (due === undefined) return [];
    // When its oldest record was written is for the visit to find out.
    const dueSecs = emptySinceMs === undefined ? Math.floor(nowMs / 1000) : due;
    const { mutations } = rescheduled(name, record, dueSecs);
    // An earlier version may have emptied it a moment before it ended, and not said so yet.
    const { seqNum } = state.tail;
    const isUnsaid = emptySinceMs !== undefined && seqNum > 0 && mark?.tailSeqNum !== seqNum;
    return isUnsaid ? [...mutations, markEmpty(streamId, seqNum, nowMs)] : mutations;
  }

  /**
   * Goes through a list that may change meanwhile: a page is read, looked at and settled in one
   * turn.
   */
  private async pages<T>(
    list: (startAfter: string) => NamePage<T>,
    look: (items: readonly NamedEntry<T>[]) => readonly Mutation[],
  ): Promise<void> {
    let startAfter = "";
    while (!this.isStopped) {
      const page = list(startAfter);
      await this.settle(look(page.items));
      await this.components.usage.catchUp();
      if (!page.hasMore) return;
      startAfter = page.items.at(-1)?.name ?? "";
    }
  }

  /**
   * Commits and waits until it is durable, so the log stays short. Not through the catalog: no
   * reply has to wait for it.
   */
  private async settle(mutations: readonly Mutation[]): Promise<void> {
    const { storage } = this.components.catalog;
    if (mutations.length > 0) await storage.whenDurable(storage.commit(mutations).position);
    await turn();
  }

  private store(record: CensusRecord): void {
    this.components.catalog.storage.commit([put(CENSUS, ONLY, record)]);
  }
}
