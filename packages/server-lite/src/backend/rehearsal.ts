// Changes to basins and streams on trial: each sees those before it, none reaches the store, and
// nobody is told. So that what consists of several can be refused as a whole before the first one
// is made. Good for one turn, since the store goes on meanwhile.

import { decodeUtf8Lossy } from "@s2kit/core";
import type { LogPosition, Mutation } from "../storage/storage.js";
import type { Backend } from "./backend.js";
import { Catalog } from "./catalog/catalog.js";
import { Basins } from "./control/basins.js";
import { Streams } from "./control/streams.js";

export interface Rehearsal {
  readonly basins: Basins;
  readonly streams: Streams;
}

export function createRehearsal(backend: Backend, now: () => number): Rehearsal {
  const catalog = new TrialCatalog(backend.shard.catalog);
  const nobody = (): void => undefined;
  const basins = new Basins({
    catalog,
    now,
    locationOf: (requested) => backend.locations.locationOf(requested),
    onDeleted: nobody,
  });
  const streams = new Streams({
    catalog,
    now,
    onReconfigured: nobody,
    onDeleted: nobody,
  });
  return { basins, streams };
}

/** Keeps its commits to itself, and reads them by their keys; pages do not show them. */
class TrialCatalog extends Catalog {
  /** Undefined values are removed. */
  private readonly changed = new Map<string, Uint8Array | undefined>();

  constructor({ storage }: Catalog) {
    super(storage, { lastPosition: 0 });
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
