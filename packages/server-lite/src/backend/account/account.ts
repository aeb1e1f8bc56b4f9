// The account: basins, access tokens and locations, over the first shard of the store. Where there
// are others, each of them has a copy of what it says, and a change is done when all have it.

import { type Clock, S2Error, systemRandom } from "@s2kit/core";
import { storageError } from "../../storage/durability.js";
import { AccessTokens } from "../access/access-tokens.js";
import type { Catalog } from "../catalog/catalog.js";
import { LEAVING_BASIN } from "../catalog/keys/deletion-mark.js";
import { put } from "../catalog/keys/key-kind.js";
import { Basins } from "../control/basins.js";
import { Locations } from "../control/locations.js";
import { AccountCatalog } from "./account-catalog.js";
import {
  AccountCopy,
  type AccountReplica,
  type CopyHolder,
  type NumberedChange,
} from "./account-copy.js";
import { type BasinPart, BasinRemoval, isPurgedIn } from "./basin-removal.js";
import { AccountFanOut } from "./fan-out.js";

export interface AccountComponents {
  /** All shards of the store, at least one; the list has those of now. */
  readonly shards: readonly CopyHolder[];
  readonly clock: Clock;
  /** Shards at other nodes; default: there are none. */
  readonly elsewhere?: Elsewhere | undefined;
  onError(error: unknown): void;
}

/** What the shards of other nodes have to do with the account of the one that is here. */
export type Elsewhere =
  /** Here is the first one: they have copies. */
  | {
      readonly kind: "copies";
      readonly replicas: readonly AccountReplica[];
      readonly parts: readonly BasinPart[];
    }
  /** Here is a copy: changes come from the first one. */
  | { readonly kind: "first" };

/** A deletion that waits for other nodes is looked at again after this, ms. */
const RECHECK_MS = 500;

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
  private readonly copy: AccountCopy | undefined;
  private readonly holder: CopyHolder;

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
    this.holder = first;
    this.copy = components.elsewhere?.kind === "first" ? new AccountCopy(first) : undefined;
    const now = (): number => clock.now();
    this.accessTokens = new AccessTokens({ catalog, random: systemRandom, now });
    this.locations = new Locations(catalog, locations);
    this.basins = new Basins({
      catalog,
      now,
      locationOf: (requested) => this.locations.locationOf(requested),
      onDeleted: () => first.scheduleDeletion(),
      ...(spread === undefined ? {} : { marksOf: (basin) => [put(LEAVING_BASIN, basin, true)] }),
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

  /**
   * Takes changes that the first shard has made for good, in their order; what it has already is
   * passed over. With none, it says what it has.
   *
   * @returns the version up to which all are durable here
   * @throws {S2Error} `misdirected` where no copy is; `storage` when changes are missing before
   *   these
   */
  async takeChanges(changes: readonly NumberedChange[]): Promise<number> {
    const { copy, holder, accessTokens } = this;
    if (copy === undefined)
      throw new S2Error({ code: "misdirected", message: "there is no copy of the account here" });
    const next = changes.find(({ version }) => version > copy.version);
    if (next !== undefined && next.version !== copy.version + 1)
      throw storageError(
        `changes of the account are missing: was a shard restored from an older copy? has=${copy.version} next=${next.version}`,
      );
    const before = copy.version;
    try {
      copy.apply(changes);
    } finally {
      // Some may have been taken although the rest was not.
      for (const { version, rows } of changes)
        if (version > before && version <= copy.version) accessTokens.changed(rows);
    }
    await holder.catalog.barrier();
    return copy.confirmed;
  }

  /** A shard has purged its part of a deleted basin. */
  basinEmptied(): void {
    this.spread?.removal.schedule();
  }

  /** Jobs of the background, about once a minute. */
  async upkeep(): Promise<void> {
    // A copy changes by what comes from the first one, and by nothing else.
    if (this.copy === undefined) this.accessTokens.sweep();
    await this.spread?.removal.run();
  }

  close(): void {
    this.spread?.removal.close();
    this.spread?.fanOut.close();
  }
}

function open({ shards, clock, elsewhere, ...hooks }: AccountComponents): {
  catalog: Catalog;
  spread: Spread | undefined;
} {
  const onError = (error: unknown): void => hooks.onError(error);
  const [first, ...others] = shards as readonly [CopyHolder, ...CopyHolder[]];
  const remote = elsewhere?.kind === "copies" ? elsewhere : undefined;
  if (others.length === 0 && remote === undefined)
    return { catalog: first.catalog, spread: undefined };
  const { replicas = [], parts: remoteParts = [] } = remote ?? {};
  const given = { first: first.catalog, others, remote: replicas, clock, onError };
  const fanOut = new AccountFanOut(given);
  const account = new AccountCatalog(first.catalog, fanOut);
  const parts = (): readonly BasinPart[] => [
    ...shards.map(({ catalog }) => ({
      // It has all that the first one has but for a moment, and nobody would look again.
      isPurged: (basin: string) => isPurgedIn(catalog, basin, 0),
    })),
    ...remoteParts,
  ];
  const recheckMs = remote === undefined ? undefined : RECHECK_MS;
  const removal = new BasinRemoval({ account, parts, recheckMs, clock, onError });
  return { catalog: account, spread: { fanOut, removal } };
}
