// A configuration for people: dotted field names and readable values, aligned. The same flattening
// serves dry runs and diffs. Pure. Spec: cli#lists-and-tables, cli#dry-run, cli#diff.

import type { BasinConfig, RetentionPolicy, StreamConfig } from "@s2kit/core/control";
import { compactDuration, longDuration } from "@s2kit/core/declarative";
import type { Output } from "../frame/output.js";
import { textTable } from "./text-table.js";

/** Field and value; a value of undefined is not set. */
export type Field = readonly [path: string, value: string | undefined];

export function streamFields(config: StreamConfig, prefix = "", isCompact = false): Field[] {
  const duration = isCompact ? compactDuration : longDuration;
  const minAgeSecs = config.deleteOnEmpty?.minAgeSecs;
  return [
    [`${prefix}storage_class`, config.storageClass],
    [`${prefix}retention_policy`, retentionText(config.retentionPolicy, duration)],
    [`${prefix}timestamping.mode`, config.timestamping?.mode],
    [`${prefix}timestamping.uncapped`, textOf(config.timestamping?.uncapped)],
    [
      `${prefix}delete_on_empty.min_age`,
      minAgeSecs === undefined ? undefined : duration(minAgeSecs),
    ],
  ];
}

export function basinFields(config: Partial<BasinConfig>, isCompact = false): Field[] {
  return [
    ["stream_cipher", config.streamCipher],
    ["create_stream_on_append", textOf(config.createStreamOnAppend)],
    ["create_stream_on_read", textOf(config.createStreamOnRead)],
    ...streamFields(config.defaultStreamConfig ?? {}, "default_stream_config.", isCompact),
  ];
}

/** Two columns in a light frame, or a line each where that is too wide; unset fields are null. */
export function fieldTable(
  fields: readonly Field[],
  { dataColumns: columns }: Pick<Output, "dataColumns">,
): string {
  const rows = fields.map(([path, value]): readonly [string, string] => [path, value ?? "null"]);
  const table = textTable(["field", "value"], rows);
  const isTooWide = columns !== undefined && table.indexOf("\n") > columns;
  return isTooWide ? rows.map(([path, value]) => `${path}: ${value}`).join("\n") : table;
}

function retentionText(
  policy: RetentionPolicy | undefined,
  duration: (secs: number) => string,
): string | undefined {
  if (policy === undefined) return undefined;
  return "ageSecs" in policy ? duration(policy.ageSecs) : "infinite";
}

function textOf(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
