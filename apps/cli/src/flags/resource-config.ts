// From configuration flags to configurations: whole ones for create and ensure, patches for
// reconfigure. A patch holds only what was given, and null for what is to be inherited again: an
// empty default_stream_config once wiped defaults. Spec: cli#configuration-flags, cli#conventions.

import type {
  BasinConfig,
  BasinReconfiguration,
  StreamConfig,
  StreamReconfiguration,
} from "@s2kit/core/control";
import type { Input } from "../frame/input.js";
import { usageError } from "../values/failure.js";
import { given } from "../values/given.js";

const STREAM_FIELDS = [
  "storage_class",
  "retention_policy",
  "timestamping.mode",
  "timestamping.uncapped",
  "delete_on_empty.min_age",
] as const;

type StreamField = (typeof STREAM_FIELDS)[number];

export function streamConfigOf(input: Input): StreamConfig {
  return streamPatchOf(input) as StreamConfig;
}

/** For a command that may create the stream; undefined when no flag was given. */
export function createdStreamConfigOf(input: Input): StreamConfig | undefined {
  const config = streamConfigOf(input);
  return isEmpty(config) ? undefined : config;
}

/** Undefined when no flag of a stream configuration was given. */
export function basinConfigOf(input: Input): Partial<BasinConfig> {
  const streams = streamConfigOf(input);
  return {
    ...(isEmpty(streams) ? {} : { defaultStreamConfig: streams }),
    ...given("streamCipher", input.get<BasinConfig["streamCipher"]>("stream-cipher")),
    ...given("createStreamOnAppend", input.get<boolean>("create-stream-on-append")),
    ...given("createStreamOnRead", input.get<boolean>("create-stream-on-read")),
  };
}

export function streamReconfigurationOf(input: Input): StreamReconfiguration {
  return merged(streamPatchOf(input), clearedFields(unsetOf(input, "")));
}

export function basinReconfigurationOf(input: Input): BasinReconfiguration {
  const unset = unsetOf(input, "stream_cipher");
  const streams = merged(
    streamPatchOf(input),
    clearedFields(unset.filter((field) => field !== "stream_cipher")),
  );
  return {
    ...(isEmpty(streams) ? {} : { defaultStreamConfig: streams }),
    ...(unset.includes("stream_cipher") ? { streamCipher: null } : {}),
    ...basinConfigOf(input),
    ...(isEmpty(streams) ? {} : { defaultStreamConfig: streams }),
  };
}

function streamPatchOf(input: Input): StreamReconfiguration {
  const mode = input.get<NonNullable<StreamConfig["timestamping"]>["mode"]>("timestamping-mode");
  const uncapped = input.get<boolean>("timestamping-uncapped");
  const minAgeSecs = input.get<number>("delete-on-empty-min-age");
  return {
    ...given("storageClass", input.get<StreamConfig["storageClass"]>("storage-class")),
    ...given("retentionPolicy", input.get<StreamConfig["retentionPolicy"]>("retention-policy")),
    ...(mode === undefined && uncapped === undefined
      ? {}
      : { timestamping: { ...given("mode", mode), ...given("uncapped", uncapped) } }),
    ...(minAgeSecs === undefined ? {} : { deleteOnEmpty: { minAgeSecs } }),
  };
}

/** The fields of `--unset`, checked. */
function unsetOf(input: Input, alsoAllowed: string): readonly string[] {
  const fields = input.get<readonly string[]>("unset") ?? [];
  const allowed: readonly string[] = [...STREAM_FIELDS, ...(alsoAllowed ? [alsoAllowed] : [])];
  for (const field of fields)
    if (!allowed.includes(field))
      throw usageError(`unknown field field=${field}`, `fields: ${allowed.join(", ")}`);
  return fields;
}

function clearedFields(fields: readonly string[]): StreamReconfiguration {
  const has = (field: StreamField): boolean => fields.includes(field);
  const times = {
    ...(has("timestamping.mode") ? { mode: null } : {}),
    ...(has("timestamping.uncapped") ? { uncapped: null } : {}),
  };
  return {
    ...(has("storage_class") ? { storageClass: null } : {}),
    ...(has("retention_policy") ? { retentionPolicy: null } : {}),
    ...(isEmpty(times) ? {} : { timestamping: times }),
    ...(has("delete_on_empty.min_age") ? { deleteOnEmpty: { minAgeSecs: null } } : {}),
  };
}

/** What was set and what was cleared; a field in both is a mistake. */
function merged(set: StreamReconfiguration, cleared: StreamReconfiguration): StreamReconfiguration {
  const times = { ...cleared.timestamping, ...set.timestamping };
  return { ...cleared, ...set, ...(isEmpty(times) ? {} : { timestamping: times }) };
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
