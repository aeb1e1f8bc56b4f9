// Basins: create, ensure, list, configure, delete. Each operation checks and commits in one
// synchronous step, so no two can interleave. Purging is the background's work.
// Spec: control-plane#basins.

import { S2Error } from "@s2kit/core";
import {
  type BasinConfig,
  type BasinInfo,
  type BasinReconfiguration,
  basinConfigToJson,
  checkStreamConfig,
  DEFAULT_BASIN_CONFIG,
  DEFAULT_STREAM_CONFIG,
  type Page,
  patchBasinConfig,
} from "@s2kit/core/control";
import type { Mutation } from "../../storage/storage.js";
import type { Catalog, NameRange } from "../catalog/catalog.js";
import { markBasin } from "../catalog/deletion-marks.js";
import { BASIN, type BasinRecord } from "../catalog/keys/basin.js";
import { put } from "../catalog/keys/key-kind.js";
import { invalid } from "../invalid.js";
import { basinDeletionPending, requireActiveBasin, requireBasin } from "./basin-lookup.js";
import { type Provisioned, requestKeyOf } from "./provision.js";

export interface CreateBasin {
  readonly basin: string;
  readonly config?: BasinConfig | undefined;
  readonly location?: string | undefined;
  readonly requestToken?: string | undefined;
}

/** What basins need of the rest of the backend. */
export interface BasinsComponents {
  readonly catalog: Catalog;
  now(): number;
  /** The location of a basin that names none; checks the one that it names. */
  locationOf(requested: string | undefined): string;
  /** A basin was marked as deleted: purge it soon. */
  onDeleted(): void;
  /** What else a deletion leaves, for who ends it; default: nothing. */
  marksOf?(basin: string): readonly Mutation[];
}

export class Basins {
  private readonly components: BasinsComponents;

  constructor(components: BasinsComponents) {
    this.components = components;
  }

  /** @throws {S2Error} `basin_not_found` */
  get(basin: string): BasinRecord {
    return requireBasin(this.components.catalog, basin);
  }

  list(range: NameRange): Page<BasinInfo> {
    const page = this.components.catalog.basins(range);
    return {
      items: page.items.map(({ name, value }) => basinInfo(name, value)),
      hasMore: page.hasMore,
    };
  }

  create(request: CreateBasin): Provisioned<BasinInfo> {
    const config = checked(request.config ?? DEFAULT_BASIN_CONFIG);
    const existing = this.components.catalog.basin(request.basin);
    const requestKey = requestKeyOf(request.requestToken, [
      basinConfigToJson(config),
      request.location ?? null,
    ]);
    if (existing !== undefined) {
      if (existing.deletedMs !== undefined) throw basinDeletionPending(request.basin);
      if (requestKey !== undefined && requestKey === existing.requestKey)
        return { result: "noop", value: basinInfo(request.basin, existing) };
      throw new S2Error({
        code: "resource_already_exists",
        message: `basin \`${request.basin}\` already exists`,
      });
    }
    return this.provision(request.basin, config, request.location, requestKey);
  }

  ensure(request: Omit<CreateBasin, "requestToken">): Provisioned<BasinInfo> {
    const config = checked(request.config ?? DEFAULT_BASIN_CONFIG);
    const existing = this.components.catalog.basin(request.basin);
    if (existing === undefined)
      return this.provision(request.basin, config, request.location, undefined);
    if (existing.deletedMs !== undefined) throw basinDeletionPending(request.basin);
    if (request.location !== undefined && request.location !== existing.location)
      throw invalid(`location of a basin cannot change location=${existing.location}`);
    if (isSameBasinConfig(existing.config, config))
      return { result: "noop", value: basinInfo(request.basin, existing) };
    const record = { ...existing, config };
    this.components.catalog.commit([put(BASIN, request.basin, record)]);
    return { result: "updated", value: basinInfo(request.basin, record) };
  }

  reconfigure(basin: string, patch: BasinReconfiguration): BasinConfig {
    if (patch.defaultStreamConfig != null) checkStreamConfig(patch.defaultStreamConfig);
    const existing = requireActiveBasin(this.components.catalog, basin);
    const config = patchBasinConfig(existing.config, patch);
    this.components.catalog.commit([put(BASIN, basin, { ...existing, config })]);
    return config;
  }

  /** Marks the basin; again is no error. */
  delete(basin: string): void {
    const existing = this.get(basin);
    if (existing.deletedMs === undefined)
      this.components.catalog.commit([
        put(BASIN, basin, { ...existing, deletedMs: this.components.now() }),
        markBasin(basin),
        ...(this.components.marksOf?.(basin) ?? []),
      ]);
    this.components.onDeleted();
  }

  private provision(
    basin: string,
    config: BasinConfig,
    location: string | undefined,
    requestKey: string | undefined,
  ): Provisioned<BasinInfo> {
    const record: BasinRecord = {
      createdMs: this.components.now(),
      location: this.components.locationOf(location),
      config,
      requestKey,
    };
    this.components.catalog.commit([put(BASIN, basin, record)]);
    return { result: "created", value: basinInfo(basin, record) };
  }
}

/**
 * What get-config shows: partial as stored, but with the storage class resolved as soon as
 * anything is set, which is what hosted clients expect.
 */
export function shownBasinConfig(config: BasinConfig): unknown {
  const shown = basinConfigToJson(config) as { default_stream_config: object | null };
  const defaults = shown.default_stream_config;
  if (defaults === null) return shown;
  const storageClass =
    config.defaultStreamConfig?.storageClass ?? DEFAULT_STREAM_CONFIG.storageClass;
  return { ...shown, default_stream_config: { ...defaults, storage_class: storageClass } };
}

/**
 * Equality on the partial form, except for the storage class that {@link shownBasinConfig} fills.
 */
function isSameBasinConfig(a: BasinConfig, b: BasinConfig): boolean {
  return JSON.stringify(shownBasinConfig(a)) === JSON.stringify(shownBasinConfig(b));
}

function checked(config: BasinConfig): BasinConfig {
  if (config.defaultStreamConfig !== undefined) checkStreamConfig(config.defaultStreamConfig);
  return config;
}

function basinInfo(name: string, record: BasinRecord): BasinInfo {
  return {
    name,
    location: record.location,
    createdAt: rfc3339(record.createdMs),
    deletedAt: record.deletedMs === undefined ? undefined : rfc3339(record.deletedMs),
  };
}

export function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
