// The account: basins, access tokens and locations, over the first shard of the store. Where there
// are others, each of them has a copy of what it says, and a change is done when all have it.

import { type Clock, systemRandom } from "@s2kit/core";
import { AccessTokens } from "../access/access-tokens.js";
import type { Catalog } from "../catalog/catalog.js";
import { LEAVING_BASIN } from "../catalog/keys/deletion-mark.js";
import { put } from "../catalog/keys/key-kind.js";
import { Basins } from "../control/basins.js";
import { Locations } from "../control/locations.js";
import { AccountCatalog } from "./account-catalog.js";
import type { CopyHolder } from "./account-copy.js";
import { BasinRemoval } from "./basin-removal.js";
import { AccountFanOut } from "./fan-out.js";

export interface AccountComponents {
  /** All shards of the store, at least one; the list has those of now. */
  readonly shards: readonly CopyHolder[];
  readonly clock: Clock;
  onError(error: unknown): void;
}

/** What there is only where there are several shards. */
interface Spread {
  readonly fanOut: AccountFanOut;
  readonly removal: BasinRemoval;
}

export class Account {
  readonly basins: Basins;
  readonly accessTokens: AccessTokens;
  readonly locations: Locations;
  private readonly spread: Spread | undefined;

  /**
   * Goes on with what an earlier process left.
   *
   * @param locations - see {@link Locations}
   * @throws {S2Error} `storage` when the shards do not fit together
   */
  constructor(components: AccountComponents, locations: readonly string[] | undefined) {
    const { shards, clock } = components;
    const [first] = shards as readonly [CopyHolder];
    const { catalog, spread } = open(components);
    this.spread = spread;
    const now = (): number => clock.now();
    this.accessTokens = new AccessTokens({ catalog, random: systemRandom, now });
    this.locations = new Locations(catalog, locations);
    this.basins = new Basins({
      catalog,
      now,
      locationOf: (requested) => this.locations.locationOf(requested),
      onDeleted: () => first.scheduleDeletion(),
      ...(shards.length === 1 ? {} : { marksOf: (basin) => [put(LEAVING_BASIN, basin, true)] }),
    });
  }

  /**
   * Resolves when every change so far is durable in all shards; undefined when there is but one, or
   * all have it.
   *
   * @throws {S2Error} `unavailable` when a shard does not take it
   */
  settled(): Promise<void> | undefined {
    return this.spread?.fanOut.settled();
  }

  /**
   * Another holder of the copy of a shard, not of the first one: it gets what it missed now.
   *
   * @throws {S2Error} `storage` when what it has is not of this store
   */
  replace(shard: number, holder: CopyHolder): void {
    this.spread?.fanOut.replace(shard - 1, holder);
  }

  /** A shard has purged its part of a deleted basin. */
  basinEmptied(): void {
    this.spread?.removal.schedule();
  }

  /** Jobs of the background, about once a minute. */
  async upkeep(): Promise<void> {
    this.accessTokens.sweep();
    await this.spread?.removal.run();
  }

  close(): void {
    this.spread?.removal.close();
    this.spread?.fanOut.close();
  }
}

function open({ shards, clock, ...hooks }: AccountComponents): {
  catalog: Catalog;
  spread: Spread | undefined;
} {
  const onError = (error: unknown): void => hooks.onError(error);
  const [first, ...others] = shards as readonly [CopyHolder, ...CopyHolder[]];
  if (others.length === 0) return { catalog: first.catalog, spread: undefined };
  const fanOut = new AccountFanOut({ first: first.catalog, others, clock, onError });
  const account = new AccountCatalog(first.catalog, fanOut);
  const catalogs = (): readonly Catalog[] => shards.map(({ catalog }) => catalog);
  const removal = new BasinRemoval({ account, catalogs, clock, onError });
  return { catalog: account, spread: { fanOut, removal } };
}
