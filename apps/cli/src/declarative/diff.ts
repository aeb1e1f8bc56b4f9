// Differences between two resources of one kind, or between a stream and the defaults of its
// basin: flat lists of fields with effective values. Pure. Spec: cli#diff.

import { type BasinConfig, resolveStreamConfig, type StreamConfig } from "@s2kit/core/control";
import { basinFields, type Field, streamFields } from "../show/config-view.js";

export interface Difference {
  readonly path: string;
  /** Null when it is not set. */
  readonly left: string | null;
  readonly right: string | null;
}

export function differencesOf(left: readonly Field[], right: readonly Field[]): Difference[] {
  const values = (fields: readonly Field[]): Map<string, string> =>
    new Map(fields.flatMap(([path, value]) => (value === undefined ? [] : [[path, value]])));
  const [leftValues, rightValues] = [values(left), values(right)];
  const paths = new Set([...left, ...right].map(([path]) => path));
  return [...paths].flatMap((path): Difference[] => {
    const difference = {
      path,
      left: leftValues.get(path) ?? null,
      right: rightValues.get(path) ?? null,
    };
    return difference.left === difference.right ? [] : [difference];
  });
}

/** Switches are booleans in JSON, all else is text or null. */
export function differenceToJson({ path, left, right }: Difference): unknown {
  const typed = (value: string | null): unknown => {
    const isSwitch = /(^|\.)(uncapped|create_stream_on_(append|read)|auto_prefix_streams)$/.test(
      path,
    );
    return isSwitch && value !== null ? value === "true" : value;
  };
  return { path, left: typed(left), right: typed(right) };
}

/**
 * A basin with its defaults resolved, those for streams first. A storage class that nobody chose
 * stays unset: it is the server's to choose for each stream.
 */
export function effectiveBasinFields(config: BasinConfig): Field[] {
  const { storageClass: _resolved, ...streams } = resolveStreamConfig(config.defaultStreamConfig);
  const storageClass = config.defaultStreamConfig?.storageClass;
  const fields = basinFields(
    {
      ...config,
      defaultStreamConfig: { ...streams, ...(storageClass === undefined ? {} : { storageClass }) },
    },
    true,
  ).map(([path, value]): Field => [path, path === "stream_cipher" ? (value ?? "none") : value]);
  const isDefault = ([path]: Field): boolean => path.startsWith("default_stream_config.");
  return [...fields.filter(isDefault), ...fields.filter((field) => !isDefault(field))];
}

export function effectiveStreamFields(config: StreamConfig): Field[] {
  return streamFields(resolveStreamConfig(config), "", true);
}

/** What a new stream of the basin would get. */
export function basinDefaultFields(config: BasinConfig): Field[] {
  return effectiveStreamFields(config.defaultStreamConfig ?? {});
}
