// The state of a shard as runs in the bucket, and as a scratch store on this machine that is made
// of them when the shard is opened. A checkpoint writes what changed as a delta; when deltas have
// become large beside the base, everything there is becomes the new base. Numbers of runs are used
// once, also after a failure. Says which runs are the state; putting that into the manifest, and
// removing what it no longer names, is up to the caller.

import { assert } from "@s2kit/core";
import { storageError } from "../../durability.js";
import type { StateChange, StateStore } from "../../log/state-store.js";
import type { StateTables } from "../../log/state-tables.js";
import { keyAfter, keyFromString, keyToString } from "../../meta-key.js";
import { MissingObjectError } from "../claim/log-walk.js";
import type { ShardBucket } from "../claim/shard-bucket.js";
import type { RunName, ShardCheckpoint } from "../format/manifest-entry.js";
import type { NumberedName } from "../format/names.js";
import { damaged, openObject, sealObject, type Writer } from "../format/sealed-object.js";
import { decodeRun, encodeRun, RunDamage } from "../format/state-run.js";

/** Entries that are read from the scratch store, or written to it, at once. */
const SLICE_ENTRIES = 1000;
/** Deltas together may be as large as this part of the base. */
const MAX_DELTA_PART = 0.5;
/** A run goes out in one put, and is read whole. */
const MAX_RUN_BYTES = 32 * 1024 * 1024;
const BASE_MARK = 1;
const DELTA_MARK = 0;

interface KnownRun extends RunName {
  readonly bytes: number;
  readonly isBase: boolean;
}

export interface StateRunsOptions {
  readonly bucket: ShardBucket;
  /** Scratch: its content does not outlive the process. */
  readonly store: StateStore;
  /** For tests. Default: 32 MiB */
  readonly maxRunBytes?: number;
}

/** The runs that a checkpoint names, and those that it no longer does. */
export interface WrittenRuns {
  readonly runs: readonly RunName[];
  readonly dropped: readonly NumberedName[];
}

export class StateRuns {
  private readonly options: StateRunsOptions;
  private runs: KnownRun[] = [];
  private owner: { readonly epoch: number; readonly writer: Writer } | undefined;
  private number = 0;

  constructor(options: StateRunsOptions) {
    this.options = options;
  }

  /**
   * Fills the scratch store, which is empty.
   *
   * @throws {MissingObjectError} when a run is gone
   * @throws {S2Error} `storage` when one is damaged
   */
  async load({ runs }: ShardCheckpoint): Promise<void> {
    const { bucket, store } = this.options;
    assert(this.runs.length === 0, "a state is loaded once");
    for (const { epoch, number } of runs) {
      const name = this.nameOf({ epoch, number });
      const bytes = await bucket.get(name);
      if (bytes === undefined) throw new MissingObjectError(name);
      const { head, body } = openObject(name, bytes, bucket.storeKey);
      await proven(name, async () => {
        for (const changes of decodeRun(body)) await store.write(changes);
      });
      const isBase = head.mark === BASE_MARK;
      this.runs.push({ epoch, number, bytes: bytes.length, isBase });
    }
  }

  /** The shard is ours: what is written from now on carries these. */
  own(epoch: number, writer: Writer): void {
    assert(this.owner === undefined, "a state has one owner");
    this.owner = { epoch, writer };
  }

  /**
   * Puts the frozen changes of the tables into the bucket, and into the scratch store. The log up
   * to the freeze must be durable: a run may not tell of what nobody else will ever see.
   *
   * @param entry - stands for the place of the log; written with the changes
   */
  async write(tables: StateTables, entry: StateChange): Promise<WrittenRuns> {
    const { store } = this.options;
    const changes: StateChange[] = [entry];
    for (const slice of tables.frozenChanges(SLICE_ENTRIES)) changes.push(...slice);
    changes.sort((a, b) => Buffer.compare(a.key, b.key));
    for (let at = 0; at < changes.length; at += SLICE_ENTRIES)
      await store.write(changes.slice(at, at + SLICE_ENTRIES));
    tables.thaw();
    const before = this.runs;
    const delta = changes.reduce(
      (sum, { key, value }) => sum + key.length + (value?.length ?? 0),
      0,
    );
    // Everything as of this checkpoint is in the scratch store: nobody else writes there.
    if (this.isBaseDue(delta)) this.runs = await this.put(entriesOf(store), true);
    else this.runs = [...before, ...(await this.put(changes, false))];
    const kept = new Set(this.runs);
    const dropped = before.filter((run) => !kept.has(run)).map((run) => this.nameOf(run));
    return { runs: this.runs.map(({ epoch, number }) => ({ epoch, number })), dropped };
  }

  private isBaseDue(deltaBytes: number): boolean {
    let baseBytes = 0;
    let deltas = deltaBytes;
    for (const { bytes, isBase } of this.runs)
      if (isBase) baseBytes += bytes;
      else deltas += bytes;
    return deltas > MAX_DELTA_PART * baseBytes;
  }

  /** Uploads changes as one run, or as several when they are many. */
  private async put(changes: Iterable<StateChange>, isBase: boolean): Promise<KnownRun[]> {
    const { maxRunBytes = MAX_RUN_BYTES } = this.options;
    const runs: KnownRun[] = [];
    let blocks: Uint8Array[] = [];
    let bytes = 0;
    for (const block of encodeRun(changes)) {
      blocks.push(block);
      bytes += block.length;
      if (bytes < maxRunBytes) continue;
      runs.push(await this.upload(blocks, bytes, isBase));
      blocks = [];
      bytes = 0;
    }
    if (blocks.length > 0) runs.push(await this.upload(blocks, bytes, isBase));
    return runs;
  }

  private async upload(
    body: readonly Uint8Array[],
    bytes: number,
    isBase: boolean,
  ): Promise<KnownRun> {
    const { bucket } = this.options;
    assert(this.owner !== undefined, "an owner writes runs");
    const { epoch, writer } = this.owner;
    const run = { epoch, number: this.number++ };
    const name = this.nameOf(run);
    const mark = isBase ? BASE_MARK : DELTA_MARK;
    const parts = sealObject(name, { ...writer, kind: "run", mark, body }, bucket.storeKey);
    const settled = await bucket.settle(name, parts);
    if (settled.kind !== "mine")
      throw storageError("another process writes runs of this shard as we do: stop one of them");
    return { ...run, bytes, isBase };
  }

  private nameOf({ epoch, number }: RunName): NumberedName {
    return { kind: "run", shard: this.options.bucket.shard, epoch, number };
  }
}

/** All entries of a store, in order. */
function* entriesOf(store: StateStore): IterableIterator<StateChange> {
  for (let start = new Uint8Array(0); ; ) {
    const page = store.scan({ start, end: undefined, limit: SLICE_ENTRIES });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < SLICE_ENTRIES) return;
    start = Uint8Array.from(keyFromString(keyAfter(keyToString(last.key))));
  }
}

async function proven(name: NumberedName, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    throw error instanceof RunDamage ? damaged(name, `block offset=${error.offset}`) : error;
  }
}
