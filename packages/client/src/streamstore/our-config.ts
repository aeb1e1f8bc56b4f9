// Configurations on their way between the official shapes and ours: null there is what is not set
// here. Spec: sdk#the-official-face.

import type * as ours from "@s2kit/client";
import type { BasinConfig } from "./account-types.js";
import type { StreamConfig } from "./stream-types.js";

/** @internal */
export function ourStreamConfig(config: StreamConfig): ours.StreamConfig {
  const { storageClass, retentionPolicy, timestamping, deleteOnEmpty } = config;
  return {
    storageClass: storageClass ?? undefined,
    retentionPolicy: (retentionPolicy ?? undefined) as ours.RetentionPolicy | undefined,
    timestamping:
      timestamping == null
        ? undefined
        : {
            mode: timestamping.mode ?? undefined,
            uncapped: timestamping.uncapped ?? undefined,
          },
    deleteOnEmpty: deleteOnEmpty ?? undefined,
  };
}

/** @internal */
export function officialStreamConfig(config: ours.StreamConfig): StreamConfig {
  const { timestamping, deleteOnEmpty } = config;
  return {
    storageClass: (config.storageClass ?? null) as StreamConfig["storageClass"] & {},
    retentionPolicy: config.retentionPolicy ?? null,
    timestamping:
      timestamping === undefined
        ? null
        : { mode: timestamping.mode ?? null, uncapped: timestamping.uncapped ?? null },
    deleteOnEmpty:
      deleteOnEmpty === undefined ? null : { minAgeSecs: deleteOnEmpty.minAgeSecs ?? 0 },
  };
}

/** @internal */
export function officialBasinConfig(config: ours.FullBasinConfig): BasinConfig {
  const { defaultStreamConfig, streamCipher, createStreamOnAppend, createStreamOnRead } = config;
  return {
    createStreamOnAppend,
    createStreamOnRead,
    defaultStreamConfig:
      defaultStreamConfig === undefined ? null : officialStreamConfig(defaultStreamConfig),
    streamCipher: streamCipher ?? null,
  };
}
