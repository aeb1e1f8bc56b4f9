// The way back: from configurations to the JSON of a resource spec. What it prints applies without
// a change to the place it came from. Pure. Spec: cli#file-format, cli#conventions.

import type { BasinConfig, StreamConfig } from "@s2kit/core/control";
import { longDuration } from "@s2kit/core/declarative";
import { given } from "../values/given.js";

/** Leaves that are not set are left out; undefined when none is. */
export function streamConfigSpec(config: StreamConfig | undefined): object | undefined {
  const { retentionPolicy: policy, timestamping, deleteOnEmpty } = config ?? {};
  const minAgeSecs = deleteOnEmpty?.minAgeSecs;
  return unlessEmpty({
    ...given("storage_class", config?.storageClass),
    ...(policy === undefined
      ? {}
      : { retention_policy: "ageSecs" in policy ? longDuration(policy.ageSecs) : "infinite" }),
    ...given(
      "timestamping",
      unlessEmpty({
        ...given("mode", timestamping?.mode),
        ...given("uncapped", timestamping?.uncapped),
      }),
    ),
    ...(minAgeSecs === undefined ? {} : { delete_on_empty: { min_age: longDuration(minAgeSecs) } }),
  });
}

export function basinConfigSpec(config: BasinConfig): object {
  return {
    ...given("default_stream_config", streamConfigSpec(config.defaultStreamConfig)),
    ...given("stream_cipher", config.streamCipher),
    create_stream_on_append: config.createStreamOnAppend,
    create_stream_on_read: config.createStreamOnRead,
  };
}

function unlessEmpty(value: object): object | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
