// What a backend is told and given, and what several backends of one node have in common. Types,
// and how the common rooms are made; what is done with them is `backend`'s.

import type { Storage } from "../storage/storage.js";
import { type QuotaSettings, Quotas } from "./access/quotas.js";
import type { Elsewhere } from "./account/account.js";
import { AppendIntake, type AppendObserver } from "./append/append-intake.js";
import type { ShardComponents } from "./shard.js";
import type { UsagePrices } from "./usage/billable-usage.js";

export interface BackendSettings {
  /** Metered bytes of appends between scan and durability; later ones wait. */
  readonly appendInflightBytes: number;
  /** Locations that basins may name; default: a few well-known ones. */
  readonly locations?: readonly string[] | undefined;
  /** What usage costs, for the estimate of the account; default: nothing. */
  readonly prices?: UsagePrices | undefined;
  /** Rates and readers per stream and per token; default: no limits. */
  readonly limits?: QuotaSettings | undefined;
}

/** What the shards of the node need, and who watches appends. */
export interface BackendComponents extends Omit<ShardComponents, "onBasinEmptied" | "storage"> {
  /** One for each shard of the store, in their order; at least one. */
  readonly storage: Storage | readonly Storage[];
  /** Opens a shard again that failed alone; default: it stays as it is until a restart. */
  readonly reopen?: ((shard: number, signal: AbortSignal) => Promise<Storage>) | undefined;
  readonly appendObserver?: AppendObserver | undefined;
  /** With `place`: what the rest of the store has to do with the account. */
  readonly elsewhere?: Elsewhere | undefined;
  /** Of the whole node, where it has several backends; default: its own. */
  readonly shared?: SharedRooms | undefined;
}

/** What all backends of a node have in common. */
export interface SharedRooms {
  readonly intake: AppendIntake;
  readonly quotas: Quotas;
}

export function createSharedRooms(
  settings: BackendSettings,
  { clock, appendObserver }: Pick<BackendComponents, "appendObserver" | "clock">,
): SharedRooms {
  return {
    intake: new AppendIntake(settings.appendInflightBytes, clock, appendObserver),
    quotas: new Quotas(settings.limits ?? {}, clock),
  };
}
