// The configuration of a stream as JSON, in this direction only: what a client needs that appends
// and reads, and manages nothing. Spec: control-plane#json, control-plane#streams.

import type { RetentionPolicy, StreamConfig } from "../account/config.js";

/** Every unset leaf as an explicit null; null as a whole when nothing is set. */
export function streamConfigToJson(config: StreamConfig | undefined): unknown {
  const { storageClass, retentionPolicy, timestamping, deleteOnEmpty } = config ?? {};
  const times =
    timestamping?.mode === undefined && timestamping?.uncapped === undefined
      ? null
      : { mode: timestamping.mode ?? null, uncapped: timestamping.uncapped ?? null };
  const minAgeSecs = deleteOnEmpty?.minAgeSecs;
  if (
    storageClass === undefined &&
    retentionPolicy === undefined &&
    times === null &&
    minAgeSecs === undefined
  )
    return null;
  return {
    storage_class: storageClass ?? null,
    retention_policy: retentionPolicy === undefined ? null : retentionToJson(retentionPolicy),
    timestamping: times,
    delete_on_empty: minAgeSecs === undefined ? null : { min_age_secs: minAgeSecs },
  };
}

/** A policy as an object of one key. */
export function retentionToJson(policy: RetentionPolicy): unknown {
  return "ageSecs" in policy ? { age: policy.ageSecs } : { infinite: {} };
}
