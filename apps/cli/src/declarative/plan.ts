// What applying a spec would change, given what is there. Pure and deterministic: the order is that
// of the spec. What the spec leaves out takes its default, it is not kept. Basins are compared leaf
// by leaf as they are declared, streams by the values in force, as the server compares them.
// Spec: cli#apply, cli#dry-run, control-plane#ensure.

import {
  type BasinConfig,
  DEFAULT_STREAM_CONFIG,
  resolveStreamConfig,
  type StreamConfig,
} from "@s2kit/core/control";
import type { BasinSpec } from "@s2kit/core/declarative";
import { basinFields, type Field, streamFields } from "../show/config-view.js";

export interface FieldChange {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface PlanStep {
  readonly kind: "basin" | "stream";
  /** `basin` or `basin/stream`. */
  readonly name: string;
  readonly action: "create" | "update" | "keep";
  /** For create: the declared fields. */
  readonly declared: readonly Field[];
  /** For update: the fields that differ. */
  readonly changes: readonly FieldChange[];
}

/** Looks up the configuration of a resource; undefined when it is not found. */
export interface CurrentState {
  basin(name: string): Promise<BasinConfig | undefined>;
  /** With every leaf in force. */
  stream(basin: string, name: string): Promise<StreamConfig | undefined>;
}

export async function planOf(
  spec: readonly BasinSpec[],
  current: CurrentState,
): Promise<PlanStep[]> {
  const steps: PlanStep[] = [];
  for (const basin of spec) {
    const config = await current.basin(basin.name);
    steps.push(
      config === undefined
        ? created("basin", basin.name, basinFields(basin.config))
        : compared(
            "basin",
            basin.name,
            comparableBasinFields(config, config),
            comparableBasinFields(basin.config, config),
          ),
    );
    for (const stream of basin.streams) {
      const name = `${basin.name}/${stream.name}`;
      const inForce =
        config === undefined ? undefined : await current.stream(basin.name, stream.name);
      const wanted = resolveStreamConfig(stream.config, basin.config.defaultStreamConfig);
      steps.push(
        inForce === undefined
          ? created("stream", name, streamFields(stream.config))
          : compared("stream", name, streamFields(inForce), streamFields(wanted)),
      );
    }
  }
  return steps;
}

/**
 * A basin as servers compare it: switches have a default, and so has the storage class once any
 * default for streams is set; other leaves may be unset. A server that leaves the class unset
 * chooses it for each stream: then it is nothing to change. Spec: control-plane#basins.
 */
function comparableBasinFields(
  config: Partial<BasinConfig>,
  current: Partial<BasinConfig>,
): Field[] {
  const { storageClass, ...others } = config.defaultStreamConfig ?? {};
  const hasClass = storageClass !== undefined || current.defaultStreamConfig?.storageClass;
  const defaults = { ...others, ...(storageClass === undefined ? {} : { storageClass }) };
  const isSet = streamFields(defaults).some(([, value]) => value !== undefined);
  return basinFields({
    createStreamOnAppend: false,
    createStreamOnRead: false,
    ...config,
    ...(isSet && hasClass
      ? { defaultStreamConfig: { storageClass: DEFAULT_STREAM_CONFIG.storageClass, ...defaults } }
      : {}),
  });
}

function created(kind: PlanStep["kind"], name: string, fields: readonly Field[]): PlanStep {
  const declared = fields.filter(([, value]) => value !== undefined);
  return { kind, name, action: "create", declared, changes: [] };
}

function compared(
  kind: PlanStep["kind"],
  name: string,
  current: readonly Field[],
  wanted: readonly Field[],
): PlanStep {
  const changes = wanted.flatMap(([path, to], i): FieldChange[] => {
    const from = current[i]?.[1];
    return from === to ? [] : [{ path, from: from ?? "none", to: to ?? "none" }];
  });
  return { kind, name, action: changes.length === 0 ? "keep" : "update", declared: [], changes };
}
