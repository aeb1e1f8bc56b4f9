// A directory that no server uses, held while it is copied and not changed: neither upgraded nor
// recovered. Its log is copied up to where it ends; every data file goes along, in use or not,
// since the state may still have entries of those that were left over.

import type { Clock } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { dataFileName } from "../data/data-file.js";
import { type SurveyedFile, surveyDirectory } from "../inspect/survey.js";
import { nameOf } from "../log/log-segment.js";
import { type Disk, readWhole } from "../medium/disk.js";
import { FORMAT_FILE, STORE_FORMAT_VERSION } from "../medium/format-file.js";
import { encodeEntries } from "./entry-bytes.js";
import { firstGeneration, SNAPSHOT_VERSION, type SnapshotPlan, usedBytesOf } from "./plan.js";
import { pagesOf } from "./snapshot.js";
import type { SnapshotSource } from "./snapshot-source.js";

/**
 * @throws {S2Error} `storage` when a process holds the directory, it is damaged, or of an older
 *   format
 */
export async function openOfflineSource(
  directory: string,
  disk: Disk,
  clock: Clock,
): Promise<SnapshotSource> {
  const lock = await disk.lock(`${directory}/LOCK`);
  try {
    const survey = await surveyDirectory({ directory, disk }, { onGroup: () => undefined });
    const { format, damage, checkpoint, segments, log, files, tables } = survey;
    const close = async (): Promise<void> => {
      await survey.close();
      await lock.release();
    };
    try {
      if (format.version !== STORE_FORMAT_VERSION || format.upgradedFrom !== undefined)
        throw storageError(
          `the directory is of an older format: copy it as it is, while no server runs path=${directory} format=${format.upgradedFrom ?? format.version}`,
        );
      if (damage !== undefined) throw storageError(damage);
      const planned: SnapshotPlan["log"][number][] = [];
      for (const [generation, { file }] of [...segments].sort(([a], [b]) => a - b)) {
        if (generation < firstGeneration(checkpoint) || generation > log.end.generation) continue;
        const fileBytes = await file.size();
        const usedBytes = usedBytesOf(generation, fileBytes, log.end);
        planned.push({ file: `wal/${nameOf(generation)}`, fileBytes, usedBytes });
      }
      const present = files.filter(({ isPresent }) => isPresent);
      const plan: SnapshotPlan = {
        version: SNAPSHOT_VERSION,
        format: Buffer.from(await readWhole(disk, `${directory}/${FORMAT_FILE}`)).toString("utf8"),
        takenMs: clock.now(),
        end: log.end,
        log: planned,
        data: present.filter(({ info }) => info !== undefined).map(pathOf),
        leftovers: present.filter(({ info }) => info === undefined).map(pathOf),
        stateEntries: tables.store.count(),
      };
      return {
        isOnline: false,
        plan,
        state: entriesOf(tables.store),
        releaseLog: () => undefined,
        finish: () => Promise.resolve(lock.requireHeld()),
        close,
      };
    } catch (error) {
      await survey.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function pathOf({ fileId }: SurveyedFile): string {
  return `segments/${dataFileName(fileId)}`;
}

async function* entriesOf(store: Parameters<typeof pagesOf>[0]): AsyncGenerator<Uint8Array> {
  for await (const page of pagesOf(store)) yield encodeEntries(page);
}
