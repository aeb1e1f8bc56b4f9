// The catalog of the first shard, as the rooms of the account have it in a store of several: they
// read and commit as ever, and what they change gets to all shards.

import type { LogPosition, Mutation } from "../../storage/storage.js";
import { Catalog } from "../catalog/catalog.js";
import type { AccountFanOut } from "./fan-out.js";

export class AccountCatalog extends Catalog {
  private readonly own: Catalog;
  private readonly fanOut: AccountFanOut;

  constructor(own: Catalog, fanOut: AccountFanOut) {
    super(own.storage, { lastPosition: 0 });
    this.own = own;
    this.fanOut = fanOut;
  }

  override commit(mutations: readonly Mutation[]): LogPosition {
    return this.fanOut.commit(mutations);
  }

  override barrier(): Promise<void> | undefined {
    return this.own.barrier();
  }
}
