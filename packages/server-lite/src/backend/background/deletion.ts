// Purges what was marked as deleted: streams (records, state, metadata), then basins that have no
// stream left. Works in bounded steps, and again from the start after a restart: the marks are in
// the catalog. Spec: control plane sections 3.7 and 4.6.

import type { Clock, Timer } from "@s2kit/core";
import type { Mutation } from "../../storage/storage.js";
import { basinKey, type Catalog, remove, streamKey } from "../catalog.js";
import type { Streamers } from "../streamers.js";

/** Most streams that one step purges: one commit each step. */
const STEP_STREAMS = 100;

/** Time in which late callers of a deleted resource learn that it is being deleted, ms. */
export const DELETION_DELAY_MS = 250;

export interface Deletion {
  /** Something was marked: purge it after {@link DELETION_DELAY_MS}. */
  schedule(): void;
  /** Purges everything that is marked. */
  run(): void;
  close(): void;
}

export interface DeletionContext {
  readonly catalog: Catalog;
  readonly streamers: Streamers;
  readonly clock: Clock;
  /** A failed purge is tried again later; this tells why. */
  onError(error: unknown): void;
}

export function createDeletion(context: DeletionContext): Deletion {
  const { catalog, clock } = context;
  let timer: Timer | undefined;
  let isClosed = false;

  const run = (): void => {
    timer = undefined;
    if (isClosed || catalog.storage.status !== "open") return;
    try {
      if (purge(context)) schedule();
    } catch (error) {
      context.onError(error);
    }
  };
  const schedule = (): void => {
    if (isClosed) return;
    timer ??= clock.setTimer(run, DELETION_DELAY_MS, { keepsAlive: false });
  };
  return {
    schedule,
    run,
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

/** One bounded step over all basins; true when there is more to do. */
function purge(context: DeletionContext): boolean {
  const { catalog } = context;
  let room = STEP_STREAMS;
  let startAfter = "";
  for (;;) {
    const page = catalog.basins({ prefix: "", startAfter, limit: STEP_STREAMS });
    for (const { name, value } of page.items) {
      room -= purgeStreams(context, name, value.deletedMs !== undefined, room);
      if (room <= 0) return true;
      startAfter = name;
      if (value.deletedMs === undefined) continue;
      const left = catalog.streams(name, { prefix: "", startAfter: "", limit: 1 });
      if (left.items.length === 0) catalog.commit([remove(basinKey(name))]);
      else return true;
    }
    if (!page.hasMore) return false;
  }
}

/** Purges marked streams of a basin (all of them when the basin goes); returns how many it saw. */
function purgeStreams(
  context: DeletionContext,
  basin: string,
  isBasinDeleted: boolean,
  limit: number,
): number {
  const { catalog, streamers } = context;
  const mutations: Mutation[] = [];
  let seen = 0;
  let startAfter = "";
  for (;;) {
    const page = catalog.streams(basin, { prefix: "", startAfter, limit: STEP_STREAMS });
    for (const { name, value } of page.items) {
      startAfter = name;
      if (value.deletedMs === undefined && !isBasinDeleted) continue;
      seen++;
      // Appends on their way to the disk come before this in the log: they still get their acks.
      streamers.retire({ basin, stream: name });
      mutations.push(
        { kind: "drop-stream", streamId: value.streamId },
        remove(streamKey(basin, name)),
      );
      if (seen >= limit) break;
    }
    if (seen >= limit || !page.hasMore) break;
  }
  if (mutations.length > 0) catalog.commit(mutations);
  return seen;
}
