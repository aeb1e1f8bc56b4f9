// What a change makes of the configuration of a stream, and whether anything is due earlier or
// later by it. Pure. Spec: control-plane#streams.

import {
  type ResolvedStreamConfig,
  resolveStreamConfig,
  type StreamConfig,
  type StreamReconfiguration,
} from "@s2kit/core/control";

/** Absent leaves keep the stored value, null ones fall to the defaults. */
export function resolvePatched(
  current: ResolvedStreamConfig,
  patch: StreamReconfiguration,
  defaults: StreamConfig,
): ResolvedStreamConfig {
  const keep = <T>(stored: T, change: T | null | undefined): T | undefined =>
    change === undefined ? stored : (change ?? undefined);
  const { timestamping: times, deleteOnEmpty: empty } = patch;
  return resolveStreamConfig(
    {
      storageClass: keep(current.storageClass, patch.storageClass),
      retentionPolicy: keep(current.retentionPolicy, patch.retentionPolicy),
      timestamping:
        times === null
          ? undefined
          : {
              mode: keep(current.timestamping.mode, times?.mode),
              uncapped: keep(current.timestamping.uncapped, times?.uncapped),
            },
      deleteOnEmpty:
        empty === null
          ? undefined
          : { minAgeSecs: keep(current.deleteOnEmpty.minAgeSecs, empty?.minAgeSecs) },
    },
    defaults,
  );
}

/** Whether a change of configuration may make something due earlier or later. */
export function isDueAnew(before: ResolvedStreamConfig, after: ResolvedStreamConfig): boolean {
  const relevant = ({ retentionPolicy, deleteOnEmpty }: ResolvedStreamConfig): string =>
    JSON.stringify([retentionPolicy, deleteOnEmpty]);
  return relevant(before) !== relevant(after);
}
