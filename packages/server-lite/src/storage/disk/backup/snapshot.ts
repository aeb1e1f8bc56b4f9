// A snapshot of an engine that goes on: a checkpoint, behind which nothing of the log is needed,
// and pins on all that it names. Taken between two tasks of the background, which rests until the
// state is read: until then nothing else writes to the state store. Pins are in memory: they end
// with the process.
//
// The cut is the checkpoint. It waits until the log is durable up to there, so what was
// acknowledged before it was asked for is in it, and each stream is in it up to one place.

import type { Checkpoint } from "../../log/checkpoint.js";
import { keyAfter, keyFromString, keyToString } from "../../meta-key.js";
import type { MetaEntry } from "../../storage.js";
import { dataFileName } from "../data/data-file.js";
import type { EngineComponents } from "../engine/engine-components.js";
import { nameOf } from "../log/log-segment.js";
import { readWhole } from "../medium/disk.js";
import { FORMAT_FILE } from "../medium/format-file.js";
import { firstGeneration, SNAPSHOT_VERSION, type SnapshotPlan, usedBytesOf } from "./plan.js";

const PAGE_ENTRIES = 256;

/** Takes what a snapshot consists of, as it comes. */
export interface SnapshotTaker {
  plan(plan: SnapshotPlan): Promise<void>;
  /** Entries of the state in order; the next page waits for the promise. */
  entries(page: readonly MetaEntry[]): Promise<void>;
}

/** What is kept until it is copied. */
export interface SnapshotPins {
  releaseLog(): void;
  /** All of it; idempotent. */
  release(): void;
}

/**
 * Takes a snapshot; resolves when its state was taken, with what is still to be copied.
 *
 * @throws {S2Error} `storage` when the store is being closed or has failed; and what the taker
 *   throws
 */
export function takeSnapshot(
  components: EngineComponents,
  taker: SnapshotTaker,
): Promise<SnapshotPins> {
  return components.maintenance.alone(async (checkpoint) => {
    const pins = pinAll(components, checkpoint);
    try {
      await taker.plan(await planOf(components, checkpoint));
      await readState(components, taker);
      return pins;
    } catch (error) {
      pins.release();
      throw error;
    }
  });
}

function pinAll(
  { files, extents, maintenance }: EngineComponents,
  checkpoint: Checkpoint,
): SnapshotPins {
  const segments = [...files.segments].filter(
    ({ generation }) =>
      generation >= firstGeneration(checkpoint) && generation <= checkpoint.replay.generation,
  );
  for (const segment of segments) segment.pins++;
  const releaseData = maintenance.pin([...extents.live]);
  const releaseLog = (): void => {
    for (const segment of segments.splice(0)) segment.pins--;
  };
  return {
    releaseLog,
    release() {
      releaseLog();
      releaseData();
    },
  };
}

async function planOf(
  { disk, directory, clock, files, extents, tables }: EngineComponents,
  checkpoint: Checkpoint,
): Promise<SnapshotPlan> {
  const { replay: end } = checkpoint;
  const log: SnapshotPlan["log"][number][] = [];
  for (const { generation, file } of files.segments) {
    if (generation < firstGeneration(checkpoint) || generation > end.generation) continue;
    const fileBytes = await file.size();
    const usedBytes = usedBytesOf(generation, fileBytes, end);
    log.push({ file: `wal/${nameOf(generation)}`, fileBytes, usedBytes });
  }
  return {
    version: SNAPSHOT_VERSION,
    format: Buffer.from(await readWhole(disk, `${directory}/${FORMAT_FILE}`)).toString("utf8"),
    takenMs: clock.now(),
    end,
    log,
    data: [...extents.live].sort((a, b) => a - b).map((id) => `segments/${dataFileName(id)}`),
    leftovers: [],
    stateEntries: tables.store.count(),
  };
}

async function readState({ tables }: EngineComponents, taker: SnapshotTaker): Promise<void> {
  for await (const page of pagesOf(tables.store)) await taker.entries(page);
}

/**
 * All entries of a state store that nobody writes to, page by page; others get their turn between.
 */
export async function* pagesOf(store: {
  scan(range: { start: Uint8Array; end: undefined; limit: number }): MetaEntry[];
}): AsyncGenerator<readonly MetaEntry[]> {
  for (let start: Uint8Array = new Uint8Array(0); ; ) {
    const page = store.scan({ start, end: undefined, limit: PAGE_ENTRIES });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return;
    start = keyFromString(keyAfter(keyToString(last.key)));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
