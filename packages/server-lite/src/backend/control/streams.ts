// Streams of a basin: create, ensure, list, configure, delete, and automatic creation. Check and
// commit are one synchronous step. It tells the active streamers about changes, and knows nothing
// of records. Spec: control-plane#streams, data-plane#automatic-creation.

import { S2Error } from "@s2kit/core";
import {
  checkStreamConfig,
  isSameStreamConfig,
  type Page,
  type ResolvedStreamConfig,
  resolveStreamConfig,
  type StreamConfig,
  type StreamInfo,
  type StreamReconfiguration,
  streamConfigToJson,
} from "@s2kit/core/control";
import { dueSecsOf, rescheduled } from "../catalog/agenda.js";
import type { Catalog, NameRange } from "../catalog/catalog.js";
import { markStream } from "../catalog/deletion-marks.js";
import type { BasinRecord } from "../catalog/keys/basin.js";
import { put } from "../catalog/keys/key-kind.js";
import { STREAM, type StreamRecord } from "../catalog/keys/stream.js";
import { requireActiveBasin, requireBasin } from "./basin-lookup.js";
import { rfc3339 } from "./basins.js";
import { type Provisioned, requestKeyOf } from "./provision.js";
import { isDueAnew, resolvePatched } from "./stream-config-change.js";

export interface StreamAddress {
  readonly basin: string;
  readonly stream: string;
  /** The name that the client used, when a prefix was added to it: messages show this one. */
  readonly shownAs?: string | undefined;
}

export interface CreateStream extends StreamAddress {
  readonly config?: StreamConfig | undefined;
  readonly requestToken?: string | undefined;
}

/** Which of a basin's flags lets an operation make its stream. */
export type AutoCreate = "append" | "read";

export interface StreamsComponents {
  readonly catalog: Catalog;
  now(): number;
  /** The configuration of a stream changed: its writer must follow. */
  onReconfigured(address: StreamAddress, config: ResolvedStreamConfig): void;
  /** A stream was marked as deleted: end its sessions, purge it soon. */
  onDeleted(address: StreamAddress): void;
  /** Called when a stream was created. */
  onCreated?(address: StreamAddress): void;
}

export class Streams {
  private readonly components: StreamsComponents;

  constructor(components: StreamsComponents) {
    this.components = components;
  }

  /** @throws {S2Error} `basin_not_found`, `stream_not_found`, `stream_deletion_pending` */
  get(address: StreamAddress): StreamRecord {
    const record = this.find(address);
    if (record.deletedMs !== undefined) throw streamDeletionPending();
    return record;
  }

  list(basin: string, range: NameRange): Page<StreamInfo> {
    requireBasin(this.components.catalog, basin);
    const page = this.components.catalog.streams(basin, range);
    return {
      items: page.items.map(({ name, value }) => streamInfo(name, value)),
      hasMore: page.hasMore,
    };
  }

  create(request: CreateStream): Provisioned<StreamInfo> {
    const config = request.config ?? {};
    checkStreamConfig(config);
    const basin = requireActiveBasin(this.components.catalog, request.basin);
    const existing = this.components.catalog.stream(request.basin, request.stream);
    const requestKey = requestKeyOf(request.requestToken, streamConfigToJson(config));
    if (existing !== undefined) {
      if (existing.deletedMs !== undefined) throw streamDeletionPending();
      if (requestKey !== undefined && requestKey === existing.requestKey)
        return { result: "noop", value: streamInfo(request.stream, existing) };
      throw new S2Error({
        code: "resource_already_exists",
        message: `stream \`${request.shownAs ?? request.stream}\` in basin \`${request.basin}\` already exists`,
      });
    }
    const record = this.provision(request, basin, config, requestKey);
    return { result: "created", value: streamInfo(request.stream, record) };
  }

  ensure(request: Omit<CreateStream, "requestToken">): Provisioned<StreamInfo> {
    const requested = request.config ?? {};
    checkStreamConfig(requested);
    const basin = requireActiveBasin(this.components.catalog, request.basin);
    const existing = this.components.catalog.stream(request.basin, request.stream);
    if (existing === undefined) {
      const record = this.provision(request, basin, requested, undefined);
      return { result: "created", value: streamInfo(request.stream, record) };
    }
    if (existing.deletedMs !== undefined) throw streamDeletionPending();
    const config = resolveStreamConfig(requested, basin.config.defaultStreamConfig);
    if (isSameStreamConfig(existing.config, config))
      return { result: "noop", value: streamInfo(request.stream, existing) };
    this.store(request, existing, config);
    return { result: "updated", value: streamInfo(request.stream, existing) };
  }

  /** Cleared leaves take the basin's defaults of this moment. */
  reconfigure(address: StreamAddress, patch: StreamReconfiguration): ResolvedStreamConfig {
    checkStreamConfig(patch);
    const basin = requireActiveBasin(this.components.catalog, address.basin);
    const existing = this.get(address);
    const config = resolvePatched(existing.config, patch, basin.config.defaultStreamConfig ?? {});
    this.store(address, existing, config);
    return config;
  }

  /** Marks the stream; again is no error. */
  delete(address: StreamAddress): void {
    const existing = this.find(address);
    if (existing.deletedMs === undefined)
      this.components.catalog.commit([
        put(STREAM, address, {
          ...existing,
          deletedMs: this.components.now(),
        }),
        markStream(address),
      ]);
    this.components.onDeleted(address);
  }

  /** The stream, made on the way when the basin says so for this kind of operation. */
  getOrCreate(
    address: StreamAddress,
    trigger: AutoCreate,
    config: StreamConfig | undefined,
  ): StreamRecord {
    const existing = this.components.catalog.stream(address.basin, address.stream);
    if (existing !== undefined) {
      if (existing.deletedMs !== undefined) throw streamDeletionPending();
      return existing;
    }
    const basin = requireBasin(this.components.catalog, address.basin);
    const isAllowed =
      trigger === "append" ? basin.config.createStreamOnAppend : basin.config.createStreamOnRead;
    if (!isAllowed) throw streamNotFound(address);
    checkStreamConfig(config ?? {});
    return this.provision(
      address,
      requireActiveBasin(this.components.catalog, address.basin),
      config ?? {},
      undefined,
    );
  }

  private find(address: StreamAddress): StreamRecord {
    const record = this.components.catalog.stream(address.basin, address.stream);
    if (record !== undefined) return record;
    requireBasin(this.components.catalog, address.basin);
    throw streamNotFound(address);
  }

  private provision(
    address: StreamAddress,
    basin: BasinRecord,
    config: StreamConfig,
    requestKey: string | undefined,
  ): StreamRecord {
    const { id, mutation } = this.components.catalog.nextStreamId();
    const createdMs = this.components.now();
    const made: StreamRecord = {
      streamId: id,
      createdMs,
      cipher: basin.config.streamCipher,
      config: resolveStreamConfig(config, basin.config.defaultStreamConfig),
      requestKey,
    };
    const facts = { nowMs: createdMs, emptySinceMs: createdMs };
    const { record, mutations } = rescheduled(address, made, dueSecsOf(made.config, facts));
    this.components.catalog.commit([
      mutation,
      { kind: "create-stream", streamId: id, writtenMs: createdMs },
      ...mutations,
    ]);
    this.components.onCreated?.(address);
    return record;
  }

  /** A trim command took the last record of a stream: delete-on-empty counts from now. */
  emptied(address: StreamAddress): void {
    const { catalog } = this.components;
    const record = catalog.stream(address.basin, address.stream);
    if (record === undefined || record.deletedMs !== undefined) return;
    const nowMs = this.components.now();
    const dueSecs = dueSecsOf(record.config, { nowMs, emptySinceMs: nowMs });
    if (dueSecs === undefined || (record.dueSecs ?? Number.POSITIVE_INFINITY) <= dueSecs) return;
    catalog.storage.commit(rescheduled(address, record, dueSecs).mutations);
  }

  private store(
    address: StreamAddress,
    existing: StreamRecord,
    config: ResolvedStreamConfig,
  ): void {
    const changed = { ...existing, config };
    const { mutations } = isDueAnew(existing.config, config)
      ? rescheduled(address, changed, this.soonest(existing.dueSecs))
      : { mutations: [put(STREAM, address, changed)] };
    this.components.catalog.commit(mutations);
    this.components.onReconfigured(address, config);
  }

  /**
   * Due now, and never under an entry that it had: who looks at the stream meanwhile must see it.
   */
  private soonest(dueSecs: number | undefined): number {
    const now = Math.floor(this.components.now() / 1000);
    return dueSecs === undefined ? now : Math.min(now, dueSecs - 1);
  }
}

export function streamNotFound({ basin, stream, shownAs }: StreamAddress): S2Error {
  return new S2Error({
    code: "stream_not_found",
    message: `stream \`${shownAs ?? stream}\` in basin \`${basin}\` not found`,
  });
}

export function streamDeletionPending(): S2Error {
  return new S2Error({ code: "stream_deletion_pending", message: "stream deletion pending" });
}

function streamInfo(name: string, record: StreamRecord): StreamInfo {
  return {
    name,
    createdAt: rfc3339(record.createdMs),
    deletedAt: record.deletedMs === undefined ? undefined : rfc3339(record.deletedMs),
    cipher: record.cipher,
  };
}
