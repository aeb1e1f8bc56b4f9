// `inspect` of a store in a bucket: what lies there by kind, who has it, how far its log goes, and
// how much of what is kept is garbage. Changes nothing.

import { fileInfosOf } from "../../extents/data-file-infos.js";
import { SPACE_META } from "../../log/state-keys.js";
import { endOfPrefix, keyAfter } from "../../meta-key.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import { ownerText, type ShardCheckpoint } from "../format/manifest-entry.js";
import { dataPrefix, keyOf, NODES_PREFIX, nameOf } from "../format/names.js";
import { listLeases } from "../lease/lease-listing.js";
import { type StoreSurvey, type StoreSurveyOptions, surveyStore } from "./survey-store.js";

export interface InspectedKind {
  readonly objects: number;
  readonly bytes: number;
}

export interface InspectedLease {
  /** Name and incarnation of a process. */
  readonly holder: string;
  readonly renewals: number;
  readonly state: string;
}

export interface InspectedDataObject {
  readonly key: string;
  readonly state: "in use" | "leftover";
  readonly bytes: number;
  readonly deadBytes: number;
  readonly extents: number;
}

/** One shard of a store. */
export interface InspectedShard {
  readonly shard: number;
  readonly manifest: {
    /** Highest epoch that was claimed, and that was opened. */
    readonly top: number;
    readonly opened: number;
    /** Who may serve it; empty when it was given away. */
    readonly owners: readonly string[];
  };
  readonly checkpoint: ShardCheckpoint;
  /** What a start repeats. */
  readonly log: InspectedKind;
  readonly dataObjects: readonly InspectedDataObject[];
  readonly streams: number;
  readonly records: number;
  readonly metadataEntries: number;
}

/** What lies in a bucket, under the prefix of a store. Of several shards: the sums. */
export interface StoreInspection extends Omit<InspectedShard, "shard"> {
  readonly clusterId: string;
  readonly shards: number;
  /** By what they are: `cluster`, `lease`, `manifest`, `log`, `run`, `data`, and `other`. */
  readonly objects: Readonly<Record<string, InspectedKind>>;
  readonly leases: readonly InspectedLease[];
  /** Of the first shard, as the checkpoint. */
  readonly manifest: InspectedShard["manifest"];
  /** Each by itself. */
  readonly perShard: readonly InspectedShard[];
}

/** @throws {S2Error} `storage` when there is no store, or it cannot be opened */
export async function inspectStore(options: StoreSurveyOptions): Promise<StoreInspection> {
  const objects = await listAll(options);
  const perShard: InspectedShard[] = [];
  let cluster: StoreSurvey["cluster"] | undefined;
  let leases: readonly InspectedLease[] = [];
  await surveyStore(options, async (survey) => {
    if (cluster === undefined) leases = await leasesOf(survey);
    ({ cluster } = survey);
    perShard.push(await inspectShard(survey));
  });
  const [first] = perShard as [InspectedShard];
  const sum = (read: (shard: InspectedShard) => number): number =>
    perShard.reduce((total, shard) => total + read(shard), 0);
  return {
    clusterId: cluster?.clusterId ?? "",
    shards: perShard.length,
    objects,
    leases,
    manifest: first.manifest,
    checkpoint: first.checkpoint,
    log: { objects: sum(({ log }) => log.objects), bytes: sum(({ log }) => log.bytes) },
    dataObjects: perShard.flatMap(({ dataObjects }) => dataObjects),
    streams: sum(({ streams }) => streams),
    records: sum(({ records }) => records),
    metadataEntries: sum(({ metadataEntries }) => metadataEntries),
    perShard,
  };
}

async function leasesOf({ bucket }: StoreSurvey): Promise<readonly InspectedLease[]> {
  const leases = await listLeases(bucket);
  return [...leases].map(([holder, { seq, state }]) => ({ holder, renewals: seq, state }));
}

async function inspectShard(survey: StoreSurvey): Promise<InspectedShard> {
  const { decision, opened, restored, bucket } = survey;
  const { tables, objects } = restored;
  let streams = 0;
  let records = 0;
  for (const [, { tail, trimPoint }] of tables.allStreams()) {
    streams++;
    records += tail.seqNum - trimPoint;
  }
  return {
    shard: bucket.shard,
    manifest: {
      top: decision.top,
      opened: decision.opened,
      owners: decision.suspects.map(ownerText),
    },
    checkpoint: opened.checkpoint,
    log: { objects: objects.slots, bytes: objects.bytes },
    dataObjects: await dataObjectsOf(survey, bucket),
    streams,
    records,
    metadataEntries: countMeta(survey),
  };
}

async function listAll({ store }: StoreSurveyOptions): Promise<Record<string, InspectedKind>> {
  const kinds: Record<string, { objects: number; bytes: number }> = {};
  let cursor: string | undefined;
  do {
    const page = await store.list("", cursor);
    for (const { key, size } of page.entries) {
      const kind = nameOf(key)?.kind ?? (key.startsWith(NODES_PREFIX) ? "lease" : "other");
      const counted = (kinds[kind] ??= { objects: 0, bytes: 0 });
      counted.objects++;
      counted.bytes += size;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return kinds;
}

async function dataObjectsOf(
  { restored }: StoreSurvey,
  bucket: ShardBucket,
): Promise<InspectedDataObject[]> {
  const { data, tables } = restored;
  const infos = new Map(
    [...fileInfosOf(tables)].map(([fileId, info]) => [data.pathOf(fileId), info]),
  );
  const listed = await bucket.list(dataPrefix(bucket.shard));
  const keys = new Set([...infos.keys(), ...listed.map(({ name }) => keyOf(name))]);
  return [...keys].sort().map((key) => {
    const info = infos.get(key);
    return {
      key,
      state: info === undefined ? "leftover" : "in use",
      bytes: info?.bytes ?? 0,
      deadBytes: info?.deadBytes ?? 0,
      extents: info?.extents ?? 0,
    };
  });
}

function countMeta({ restored }: StoreSurvey): number {
  const pageSize = 1000;
  let count = 0;
  for (let start = SPACE_META; ; ) {
    const page = restored.tables.scan(start, endOfPrefix(SPACE_META), pageSize);
    count += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return count;
    start = keyAfter(last[0]);
  }
}
