// The shards that one request has looked into. Its answer leaves when what it saw there is durable,
// and only if it still counts there; it waits for no other shard, and cannot be spoiled by one.

import { requireFresh } from "../../storage/require-fresh.js";
import type { StreamName } from "../catalog/keys/stream.js";
import { ONLY_PLACE, requirePlaced, type ShardPlace } from "../catalog/placement.js";
import type { Shard } from "../shard.js";

export interface AskedShards {
  /**
   * The shard that has a stream.
   *
   * @throws {S2Error} `unavailable` when it has failed, and is not the only one; `misdirected`
   *   when another node has it
   */
  of(name: StreamName): Shard;
  /** Notes the one that has what concerns the account. */
  noteAccount(): void;
  /** The answer says that a change of the account is done. */
  noteChange(): void;
  /** All there are, for answers about everything: complete or none. @throws as {@link of} */
  all(): readonly Shard[];
  /** Resolves when everything that was seen is durable; undefined when it is. */
  barrier(): Promise<void> | undefined;
  /** For the turn that sends what was seen. @throws {S2Error} `unavailable` when it may be old */
  requireFresh(): void;
  /** The one that counts the request. */
  readonly counting: Shard;
}

/** Where there is one shard, every request asks it. One object for all of them. */
export class OneAsked implements AskedShards {
  readonly counting: Shard;
  private readonly shards: readonly Shard[];

  private readonly place: ShardPlace;

  /** @param place - default: the only one of its store */
  constructor(shard: Shard, place: ShardPlace = ONLY_PLACE) {
    this.counting = shard;
    this.shards = [shard];
    this.place = place;
  }

  of(name: StreamName): Shard {
    requirePlaced(name, this.place);
    return this.counting;
  }

  noteAccount(): void {
    return undefined;
  }

  noteChange(): void {
    return undefined;
  }

  all(): readonly Shard[] {
    return this.shards;
  }

  barrier(): Promise<void> | undefined {
    return this.counting.catalog.barrier();
  }

  requireFresh(): void {
    requireFresh(this.counting.storage);
  }
}

/** What {@link SeveralAsked} needs of `Shards`. */
interface ShardSource {
  readonly all: readonly Shard[];
  readonly first: Shard;
  of(name: StreamName): Shard;
}

export class SeveralAsked implements AskedShards {
  private readonly shards: ShardSource;
  private readonly settled: () => Promise<void> | undefined;
  private readonly asked = new Set<Shard>();
  private owner: Shard | undefined = undefined;
  private isChange = false;
  /** It has waited too long for a change, and says so. */
  private isLate = false;

  constructor(shards: ShardSource, settled: () => Promise<void> | undefined) {
    this.shards = shards;
    this.settled = settled;
  }

  get counting(): Shard {
    return this.owner ?? this.shards.first;
  }

  of(name: StreamName): Shard {
    const shard = this.shards.of(name);
    this.owner ??= shard;
    this.asked.add(shard);
    return shard;
  }

  noteAccount(): void {
    this.asked.add(this.shards.first);
  }

  noteChange(): void {
    this.noteAccount();
    this.isChange = true;
  }

  all(): readonly Shard[] {
    const { all } = this.shards;
    for (const shard of all) {
      shard.requireUsable();
      this.asked.add(shard);
    }
    return all;
  }

  barrier(): Promise<void> | undefined {
    const waits = [...this.asked].flatMap(({ catalog }) => catalog.barrier() ?? []);
    // The answer that tells of a wait in vain must not wait again.
    const settled = this.isChange && !this.isLate ? this.settled() : undefined;
    if (settled !== undefined) waits.push(settled.catch((error: unknown) => this.late(error)));
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  requireFresh(): void {
    for (const { storage } of this.asked) requireFresh(storage);
  }

  private late(error: unknown): never {
    this.isLate = true;
    throw error;
  }
}
