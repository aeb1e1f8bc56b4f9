// Changes to basins and streams on trial: each sees those before it, none reaches the store, and
// nobody is told. So that what consists of several can be refused as a whole before the first one
// is made. Good for one turn, since the store goes on meanwhile.

import { decodeUtf8Lossy } from "@s2kit/core";
import type { LogPosition, Mutation } from "../storage/storage.js";
import type { Backend } from "./backend.js";
import { Catalog } from "./catalog/catalog.js";
import { Basins } from "./control/basins.js";
import { type StreamAddress, Streams } from "./control/streams.js";
import type { Shard } from "./shard.js";

/** What can be made of basins and streams: on trial here, or by the node itself. */
export interface Rehearsal {
  readonly basins: Basins;
  streamsAt(address: StreamAddress): Streams;
}

export function createRehearsal(backend: Backend, now: () => number): Rehearsal {
  // What is tried in one shard, the others see: all have the basins, and none a stream of another.
  const changed = new Map<string, Uint8Array | undefined>();
  const nobody = (): void => undefined;
  const basins = new Basins({
    catalog: new TrialCatalog(backend.shard.catalog, changed),
    now,
    locationOf: (requested) => backend.locations.locationOf(requested),
    onDeleted: nobody,
  });
  const streamsOf = new Map<Shard, Streams>(
    backend.shards.all.map((shard) => {
      const catalog = new TrialCatalog(shard.catalog, changed);
      return [shard, new Streams({ catalog, now, onReconfigured: nobody, onDeleted: nobody })];
    }),
  );
  const streamsAt = (address: StreamAddress): Streams =>
    streamsOf.get(backend.shards.of(address)) as Streams;
  return { basins, streamsAt };
}

/** Keeps its commits to itself, and reads them by their keys; pages do not show them. */
class TrialCatalog extends Catalog {
  private readonly changed: Map<string, Uint8Array | undefined>;

  /** @param changed - what was changed on trial; undefined values are removed */
  constructor({ storage }: Catalog, changed: Map<string, Uint8Array | undefined>) {
    super(storage, { lastPosition: 0 });
    this.changed = changed;
  }

  override commit(mutations: readonly Mutation[]): LogPosition {
    for (const mutation of mutations)
      if (mutation.kind === "put") this.changed.set(decodeUtf8Lossy(mutation.key), mutation.value);
      else if (mutation.kind === "delete")
        this.changed.set(decodeUtf8Lossy(mutation.key), undefined);
    return 0;
  }

  protected override bytesAt(key: string): Uint8Array | undefined {
    return this.changed.has(key) ? this.changed.get(key) : super.bytesAt(key);
  }
}
