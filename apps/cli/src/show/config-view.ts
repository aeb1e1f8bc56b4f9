// A configuration for people: dotted field names and readable values, aligned. The same flattening
// serves dry runs and diffs. Pure. Spec: cli#lists-and-tables, cli#dry-run, cli#diff.

import type { BasinConfig, RetentionPolicy, StreamConfig } from "@s2kit/core/control";
import { compactDuration, longDuration } from "@s2kit/core/declarative";

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

/** Two columns in a light frame; unset fields show as null. */
export function fieldTable(fields: readonly Field[]): string {
  return textTable(
    ["field", "value"],
    fields.map(([path, value]) => [path, value ?? "null"]),
  );
}

/** A table in ASCII, columns as wide as their longest cell; numbers to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const line = (cells: readonly string[], isHead: boolean): string =>
    `|${widths.map((width, column) => ` ${padded(cells[column] ?? "", width, isHead)} `).join("|")}|`;
  return [rule, line(head, true), rule, ...rows.map((row) => line(row, false)), rule].join("\n");
}

function padded(cell: string, width: number, isHead: boolean): string {
  return !isHead && /^-?[0-9][0-9.,]*$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
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
