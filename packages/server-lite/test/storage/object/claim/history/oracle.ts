// What must hold in every history: an acknowledged record keeps its position for ever, no position is
// acknowledged twice, nothing that the newest owner names is removed, and a read shows all that was
// acknowledged before it began.

import {
  type CarryingEntry,
  decodeEntry,
  isCarrying,
} from "../../../../../src/storage/object/format/manifest-entry.js";
import { keyOf, nameOf } from "../../../../../src/storage/object/format/names.js";
import { readHead } from "../../../../../src/storage/object/format/sealed-object.js";
import type { SimulatedBucket } from "../../double/simulated-bucket.js";
import type { ShardState } from "./shard-state.js";

/** A claim that may open, and what it found. */
export interface Opening {
  readonly epoch: number;
  readonly state: ShardState;
}

export class Oracle {
  readonly acked: string[] = [];
  readonly stats = {
    acks: 0,
    late: 0,
    opens: 0,
    reads: 0,
    proofs: 0,
    collections: 0,
    releases: 0,
    /** Fences on the places of claimants that were stuck. */
    ended: 0,
  };
  violation: string | undefined;
  /** Opened owner of the highest epoch. */
  newest: Opening | undefined;
  private readonly openings = new Map<string, Opening>();
  private readonly storeKey: number;
  private bucket!: SimulatedBucket;

  constructor(storeKey: number) {
    this.storeKey = storeKey;
  }

  watch(bucket: SimulatedBucket): void {
    this.bucket = bucket;
  }

  /** Notes what did not hold; the history ends with the step that is under way. */
  fail(why: string): void {
    this.violation ??= why;
  }

  /** A claim with this nonce has found all that there is, and is about to open. */
  mayOpen(nonce: string, opening: Opening): void {
    this.openings.set(nonce, opening);
  }

  onPut(key: string, bytes: Uint8Array): void {
    const name = nameOf(key);
    if (name?.kind !== "manifest" || name.number !== 1) return;
    const head = readHead(name, bytes, this.storeKey);
    const opening = this.openings.get(head.nonce);
    // A late echo of the request may bring an entry back that was collected: nobody looks at it.
    this.openings.delete(head.nonce);
    if (head.kind === "open" && opening !== undefined) this.opened(opening);
  }

  onDelete(key: string): void {
    const { newest } = this;
    if (newest === undefined) return;
    const name = nameOf(key);
    if (name?.kind === "data") {
      const { state, epoch } = newest;
      if (state.segments.some((segment) => keyOf(state.nameOf(segment)) === key))
        this.fail(`${key} is removed, and named by the owner of epoch ${epoch}`);
    }
    if (name?.kind === "run") {
      const entry = this.newestEntry();
      if (
        entry?.checkpoint.runs.some((run) => run.epoch === name.epoch && run.number === name.number)
      )
        this.fail(`${key} is removed, and named by the newest entry of the manifest`);
    }
  }

  acknowledged(epoch: number, position: number, record: string): void {
    const { acked, newest, stats } = this;
    const before = acked[position];
    if (before !== undefined && before !== record)
      this.fail(`position ${position} is acknowledged twice: ${before} and ${record}`);
    acked[position] = record;
    stats.acks++;
    if (newest === undefined || newest.epoch <= epoch) return;
    stats.late++;
    if (newest.state.records[position] !== record)
      this.fail(
        `epoch ${epoch} acknowledges ${record} at ${position} after epoch ${newest.epoch} opened without it`,
      );
  }

  /** @param needed - what was acknowledged when the read began */
  read(how: string, epoch: number, tail: number, needed: number): void {
    this.stats.reads++;
    if (tail < needed)
      this.fail(
        `stale read by ${how} of epoch ${epoch}: tail ${tail}, ${needed} were acknowledged before; newest epoch ${this.newest?.epoch}`,
      );
  }

  /** Called inside of the bucket, at the very moment. */
  private opened(opening: Opening): void {
    const { epoch, state } = opening;
    this.stats.opens++;
    for (const [position, record] of this.acked.entries())
      if (record !== undefined && state.records[position] !== record)
        this.fail(
          `the acknowledged record ${record} at ${position} is lost: epoch ${epoch} opens with ${state.records[position]}`,
        );
    for (const segment of state.segments)
      if (!this.bucket.objects.has(keyOf(state.nameOf(segment))))
        this.fail(`epoch ${epoch} opens without ${keyOf(state.nameOf(segment))}`);
    if (this.newest !== undefined && this.newest.epoch >= epoch)
      this.fail(`epoch ${epoch} opens after epoch ${this.newest.epoch}`);
    this.newest = opening;
  }

  private newestEntry(): CarryingEntry | undefined {
    const keys = [...this.bucket.objects.keys()].filter((key) => key.includes("/manifest/")).sort();
    for (let at = keys.length - 1; at >= 0; at--) {
      const key = keys[at] as string;
      const name = nameOf(key);
      if (name?.kind !== "manifest") continue;
      const bytes = this.bucket.objects.get(key)?.bytes as Uint8Array;
      const entry = decodeEntry(name, bytes, this.storeKey);
      if (isCarrying(entry)) return entry;
    }
    return undefined;
  }
}
