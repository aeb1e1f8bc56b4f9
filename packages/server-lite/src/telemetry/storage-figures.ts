// What the Prometheus page shows of the store: what all engines have in common, what a data
// directory counts, and what each engine says of itself. Spec: control-plane#routes.

import type { BackendGauges } from "../backend/gauges.js";
import type { Storage, StorageGauge } from "../storage/storage.js";
import { byLabel, type Figure, gaugeOf, histogramOf } from "./figure.js";
import { storageGauges } from "./storage-gauges.js";
import type { StorageTelemetry } from "./storage-telemetry.js";

export function storageFigures(
  storage: StorageTelemetry,
  gauges: BackendGauges,
): readonly Figure[] {
  return [
    gaugeOf("s2kit_storage_open", "1 while the store takes writes, else 0", () =>
      gauges.isStorageOpen ? 1 : 0,
    ),
    gaugeOf(
      "s2kit_storage_durable_position",
      "Commits that are durable",
      () => gauges.durablePosition,
    ),
    histogramOf(
      "s2kit_log_write_seconds",
      "Time of a write to the log of a data directory, until the disk has it",
      storage.writeSeconds,
    ),
    histogramOf("s2kit_log_write_bytes", "Bytes of such a write", storage.writeBytes),
    histogramOf(
      "s2kit_log_write_commits",
      "Commits that such a write makes durable",
      storage.writeCommits,
    ),
  ];
}

/** @param storages - those of now: one that failed may have been opened again */
export function engineFigures(storages: () => readonly Storage[]): readonly Figure[] {
  return storageGauges(storages).map(figureOf);
}

function figureOf({ name, help, label, type = "gauge", read }: StorageGauge): Figure {
  return label === undefined
    ? { type, name, help, read: () => read() as number | Promise<number> }
    : {
        type,
        name,
        help,
        labels: [label],
        read: () => byLabel(read() as ReadonlyMap<string, number>),
      };
}
