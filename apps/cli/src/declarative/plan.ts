// What applying a spec would change, given what is there. Pure and deterministic: the order is that
// of the spec. What the spec leaves out takes its default, it is not kept. Basins are compared leaf
// by leaf as they are declared, streams by the values in force, as the server compares them.
// Spec: cli#apply, cli#dry-run, control-plane#ensure.

import {
  type BasinConfig,
  resolveStreamConfig,
  type StorageClass,
  type StreamConfig,
} from "@s2kit/core/control";
import type { BasinSpec } from "@s2kit/core/declarative";
import { basinFields, type Field, streamFields } from "../show/config-view.js";

export interface FieldChange {
  readonly path: string;
  readonly from: string;
  /** Null when the server chooses it, and does not say beforehand what it will be. */
  readonly to: string | null;
}

export interface PlanStep {
  readonly kind: "basin" | "stream";
  /** `basin` or `basin/stream`. */
  readonly name: string;
  /** `undecided` when a value that the server chooses is all that may change. */
  readonly action: "create" | "update" | "undecided" | "keep";
  /** For create: the declared fields. */
  readonly declared: readonly Field[];
  /** For update and undecided: the fields that differ, or may. */
  readonly changes: readonly FieldChange[];
}

/** Looks up the configuration of a resource; undefined when it is not found. */
export interface CurrentState {
  basin(name: string): Promise<BasinConfig | undefined>;
  /** With every leaf in force. */
  stream(basin: string, name: string): Promise<StreamConfig | undefined>;
  /** The storage class of streams of the basin where nobody names one; undefined when not told. */
  defaultStorageClass(basin: string): Promise<StorageClass | undefined>;
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
        : await comparedBasin(basin, config, current),
    );
    for (const stream of basin.streams) {
      const inForce =
        config === undefined ? undefined : await current.stream(basin.name, stream.name);
      steps.push(
        inForce === undefined
          ? created("stream", `${basin.name}/${stream.name}`, streamFields(stream.config))
          : await comparedStream(basin, stream, inForce, current),
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
async function comparedBasin(
  { name, config: declared }: BasinSpec,
  config: BasinConfig,
  current: CurrentState,
): Promise<PlanStep> {
  const defaults = declared.defaultStreamConfig ?? {};
  const isServersChoice =
    defaults.storageClass === undefined &&
    config.defaultStreamConfig?.storageClass !== undefined &&
    streamFields(defaults).some(([, value]) => value !== undefined);
  const chosen = isServersChoice ? await current.defaultStorageClass(name) : undefined;
  return compared(
    "basin",
    name,
    basinFieldsInForce(config),
    basinFieldsInForce({
      ...declared,
      ...(chosen === undefined
        ? {}
        : { defaultStreamConfig: { ...defaults, storageClass: chosen } }),
    }),
    isServersChoice && chosen === undefined ? "default_stream_config.storage_class" : undefined,
  );
}

function basinFieldsInForce(config: Partial<BasinConfig>): Field[] {
  return basinFields({ createStreamOnAppend: false, createStreamOnRead: false, ...config });
}

/** By the values in force. A storage class that nobody names is the server's to choose. */
async function comparedStream(
  basin: BasinSpec,
  { name, config }: BasinSpec["streams"][number],
  inForce: StreamConfig,
  current: CurrentState,
): Promise<PlanStep> {
  const wanted = resolveStreamConfig(config, basin.config.defaultStreamConfig);
  const storageClass =
    config.storageClass ??
    basin.config.defaultStreamConfig?.storageClass ??
    (await current.defaultStorageClass(basin.name));
  return compared(
    "stream",
    `${basin.name}/${name}`,
    streamFields(inForce),
    streamFields({ ...wanted, storageClass }),
    storageClass === undefined ? "storage_class" : undefined,
  );
}

function created(kind: PlanStep["kind"], name: string, fields: readonly Field[]): PlanStep {
  const declared = fields.filter(([, value]) => value !== undefined);
  return { kind, name, action: "create", declared, changes: [] };
}

/** @param atApply - the field whose value the server will choose, which it does not tell */
function compared(
  kind: PlanStep["kind"],
  name: string,
  current: readonly Field[],
  wanted: readonly Field[],
  atApply?: string,
): PlanStep {
  const changes = wanted.flatMap(([path, value], i): FieldChange[] => {
    const from = current[i]?.[1] ?? "none";
    const to = path === atApply ? null : (value ?? "none");
    return from === to ? [] : [{ path, from, to }];
  });
  return { kind, name, action: actionOf(changes), declared: [], changes };
}

function actionOf(changes: readonly FieldChange[]): PlanStep["action"] {
  if (changes.length === 0) return "keep";
  return changes.every(({ to }) => to === null) ? "undecided" : "update";
}
