// Differences between two resources of one kind, or between a stream and the defaults of its
// basin: flat lists of fields with effective values. Pure. Spec: CLI section 10.4.

import { type BasinConfig, resolveStreamConfig, type StreamConfig } from "@s2kit/core/control";
import { basinFields, type Field, streamFields } from "../config-view.js";

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

/** A basin with its defaults resolved. */
export function effectiveBasinFields(config: BasinConfig): Field[] {
  const streams = resolveStreamConfig(config.defaultStreamConfig);
  return basinFields({ ...config, defaultStreamConfig: streams }, true);
}

export function effectiveStreamFields(config: StreamConfig): Field[] {
  return streamFields(resolveStreamConfig(config), "", true);
}

/** What a new stream of the basin would get. */
export function basinDefaultFields(config: BasinConfig): Field[] {
  return effectiveStreamFields(config.defaultStreamConfig ?? {});
}
