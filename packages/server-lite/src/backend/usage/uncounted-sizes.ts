// Counts from the storage the sizes of streams that no row follows: after a crash, and where
// appends were not told of. One stream at a time; appends that come meanwhile are told, and
// compared with it. Called by `usage`.

import type { StreamId } from "../../storage/storage.js";
import { turn } from "../../waiting/turn.js";
import type { Catalog } from "../catalog/catalog.js";
import { countedOf, GaugeChanges, streamRow } from "./storage-gauges.js";
import type { StreamSizes } from "./stream-sizes.js";
import type { UsageWriter } from "./usage-writer.js";

/** Streams that are counted before others get their turn. */
const STREAMS_PER_TURN = 50;

export interface UncountedSizesComponents {
  readonly catalog: Catalog;
  /** Nothing may be counted any more. */
  isStopped(): boolean;
  onBackgroundError(error: unknown): void;
}

export class UncountedSizes {
  private readonly sizes: StreamSizes;
  private readonly writer: UsageWriter;
  private readonly components: UncountedSizesComponents;

  constructor(sizes: StreamSizes, writer: UsageWriter, components: UncountedSizesComponents) {
    this.sizes = sizes;
    this.writer = writer;
    this.components = components;
  }

  /** Counts all there are. */
  async count(): Promise<void> {
    const { components } = this;
    let counted = 0;
    for (const [streamId, basin] of this.sizes.unknown) {
      if (components.isStopped()) return;
      await this.countStream(streamId, basin).catch((error: unknown) => {
        if (!components.isStopped()) components.onBackgroundError(error);
      });
      // Reads from memory resolve within the turn.
      if (++counted % STREAMS_PER_TURN === 0) await turn();
    }
  }

  private async countStream(streamId: StreamId, basin: string): Promise<void> {
    const { sizes, components } = this;
    const { catalog } = components;
    const { storage } = catalog;
    const isStopped = (): boolean => components.isStopped();
    const before = countedOf(streamRow(catalog, streamId));
    // What is told from here on is compared with what the count comes to.
    sizes.unknown.delete(streamId);
    const counted = await sizes.count(storage, streamId, before, isStopped);
    if (isStopped()) sizes.unknown.set(streamId, basin);
    const state = storage.streamState(streamId);
    if (counted === undefined || state === undefined || isStopped()) return;
    if (countedOf(streamRow(catalog, streamId)).seqNum !== before.seqNum) {
      sizes.unknown.set(streamId, basin);
      return;
    }
    const changes = new GaugeChanges(catalog, this.writer.nowSecs);
    changes.measure(streamId, basin, state, counted);
    this.writer.commit(changes.finish());
    const told = sizes.changes.get(streamId);
    if (told !== undefined && told.endSeqNum <= counted.seqNum) sizes.changes.delete(streamId);
  }
}
