// What the metrics page shows of a shard in a bucket: its log, its lease and its upkeep. Reads what
// others keep, and keeps nothing.

import type { Storage, StorageGauge } from "../../storage.js";
import type { ObjectComponents } from "./object-components.js";

export function shardGauges(
  storage: Pick<Storage, "isFresh" | "status" | "ownerEpoch">,
  components: ObjectComponents,
): readonly StorageGauge[] {
  const { writer, pipeline, manifest, upkeep, objects, garbage, extents, ownership } = components;
  const gauge = (name: string, help: string, read: () => number): StorageGauge => ({
    name: `s2kit_shard_${name}`,
    help,
    read,
  });
  return [
    gauge("owner_epoch", "Number of this ownership of the shard", () => storage.ownerEpoch),
    gauge("lease_fresh", "1 while reads may be answered from memory, else 0", () =>
      storage.isFresh ? 1 : 0,
    ),
    gauge(
      "lease_age_seconds",
      "Time since the lease of this process was renewed",
      () => ownership.leaseAgeMs / 1000,
    ),
    gauge("fenced", "1 when another process has the shard now, else 0", () =>
      storage.status === "fenced" ? 1 : 0,
    ),
    gauge("log_queued_bytes", "Bytes that are not in the bucket yet", () => writer.queuedBytes),
    gauge("log_objects", "Objects of the log that are still needed", () => objects.slots),
    gauge("log_bytes", "Bytes of the log that are still needed", () => objects.bytes),
    gauge(
      "data_objects",
      "Objects that records were moved into, and that are in use",
      () => extents.live.size,
    ),
    gauge(
      "garbage_objects",
      "Data objects that wait for their removal: it comes with the next checkpoint",
      () => garbage.waiting,
    ),
    gauge("read_cache_bytes", "Bytes of old records that are kept", () => extents.usedBytes),
    {
      ...gauge("log_slots_total", "Objects of the log that this owner has put", () => {
        return pipeline.nextSlot;
      }),
      type: "counter",
    },
    gauge(
      "checkpoint_age_slots",
      "Own objects of the log since the last checkpoint",
      () =>
        pipeline.nextSlot -
        (manifest.checkpoint.known.epoch === storage.ownerEpoch
          ? manifest.checkpoint.known.slot
          : 0),
    ),
    gauge("upkeep_trouble", "1 while the background cannot go on, else 0", () =>
      upkeep.trouble === undefined ? 0 : 1,
    ),
  ];
}
