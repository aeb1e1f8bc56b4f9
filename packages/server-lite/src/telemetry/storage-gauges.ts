// What the metrics page shows of the engines of a server: of one store what it says, of several
// shards each figure by shard, and once what they have in common.

import type { Storage, StorageGauge } from "../storage/storage.js";

/** @param storages - those of now: one that failed may have been opened again */
export function storageGauges(storages: () => readonly Storage[]): readonly StorageGauge[] {
  const first = storages();
  const known = first[0]?.gauges ?? [];
  if (first.length === 1) return known;
  return known.map((gauge) => (gauge.isOfStore === true ? gauge : byShard(gauge, storages)));
}

function byShard(
  { name, help, type }: StorageGauge,
  storages: () => readonly Storage[],
): StorageGauge {
  const valueIn = ({ gauges = [] }: Storage): number =>
    (gauges.find((gauge) => gauge.name === name)?.read() ?? 0) as number;
  const read = (): ReadonlyMap<string, number> =>
    new Map(storages().map((storage, shard) => [String(shard), valueIn(storage)]));
  return { name, help, label: "shard", read, ...(type === undefined ? {} : { type }) };
}
