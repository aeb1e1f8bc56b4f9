// What the metrics page shows of a data directory: its log, its data files, the disk below them and
// the background. Reads what others keep, and keeps nothing.

import { fileInfosOf } from "../../extents/data-file-infos.js";
import type { StorageGauge } from "../../storage.js";
import type { SnapshotDesk } from "../backup/snapshot-desk.js";
import { shortageOf } from "./commit-room.js";
import type { EngineComponents } from "./engine-components.js";

export function diskGauges(
  components: EngineComponents,
  desk: () => Pick<SnapshotDesk, "finishedMs" | "guests"> | undefined,
): readonly StorageGauge[] {
  const { files, segmentBytes, writer, builder, maxQueuedBytes, tables, maintenance } = components;
  const gauge = (name: string, help: string, read: StorageGauge["read"]): StorageGauge => ({
    name: `s2kit_disk_${name}`,
    help,
    read,
  });
  const summed = (field: "bytes" | "deadBytes"): number => {
    let sum = 0;
    for (const info of fileInfosOf(tables).values()) sum += info[field];
    return sum;
  };
  return [
    gauge(
      "log_segments",
      "Log segments whose records are not in data files yet",
      () => files.liveCount,
    ),
    gauge("log_bytes", "Bytes of all log segments, those kept for later too", () => {
      return (files.liveCount + files.freeCount) * segmentBytes;
    }),
    gauge("queued_bytes", "Bytes of commits that wait for the disk", () => {
      return writer.queuedBytes + builder.openBytes;
    }),
    gauge(
      "queued_max_bytes",
      "Bound of what waits for the disk: more commits are refused",
      () => maxQueuedBytes,
    ),
    gauge("data_files", "Data files in use", () => fileInfosOf(tables).size),
    gauge("data_bytes", "Bytes of records in data files", () => summed("bytes")),
    gauge("data_dead_bytes", "Bytes of them that were trimmed and wait to be reclaimed", () =>
      summed("deadBytes"),
    ),
    gauge("state_entries", "Entries of the state store", () => tables.store.count()),
    gauge("free_bytes", "Bytes that are free on the disk of the directory", () =>
      components.disk.freeBytes(components.directory),
    ),
    gauge("trouble", "1 while the background cannot go on or the log finds no room, else 0", () =>
      (maintenance.trouble ?? shortageOf(components)) === undefined ? 0 : 1,
    ),
    gauge("backups_running", "Backups that are being taken", () => desk()?.guests ?? 0),
    gauge(
      "backup_finished_timestamp_seconds",
      "When a backup was last finished; 0 when none was since the start",
      () => (desk()?.finishedMs ?? 0) / 1000,
    ),
  ];
}
