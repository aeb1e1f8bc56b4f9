// What one of the other shards has of the account: the version that it has applied, and up to which
// one that is durable there. Changes come in their order and once each; one that comes again is
// passed over. Knows no other copy.

import { storageError } from "../../storage/durability.js";
import type { LogPosition } from "../../storage/storage.js";
import type { Catalog } from "../catalog/catalog.js";
import { ACCOUNT_VERSION, type AccountChange } from "../catalog/keys/account-change.js";
import { ONLY, put } from "../catalog/keys/key-kind.js";
import { deletesBasin, mutationsOf } from "./copied-rows.js";

/** A change with its number: 1 for the first one of a store, then without a gap. */
export interface NumberedChange {
  readonly version: number;
  readonly rows: AccountChange;
}

/** The shard that holds a copy. */
export interface CopyHolder {
  readonly catalog: Catalog;
  /** A basin was marked as deleted: its streams here are purged soon. */
  scheduleDeletion(): void;
}

/** Changes in one commit: a few milliseconds. */
const CHUNK = 50;

/** A shard that has a copy, here or at another node, as the fan-out sees it. */
export interface AccountReplica {
  /** Changes may be given to it. */
  readonly isOpen: boolean;
  /** Up to which version all changes are known to be applied and durable. */
  readonly confirmed: number;
  /** @throws {S2Error} `storage` when what it has can never have come from the first shard */
  check(lastVersion: number, firstKept: number): void;
  /**
   * Takes changes in their order; those that it has already are passed over.
   *
   * @throws {S2Error} `storage`, `hot_server` when it takes nothing now: the rest is to be tried
   *   again
   */
  apply(changes: readonly NumberedChange[]): void;
  /** Calls back when more may be confirmed. @returns ends that */
  watch(listener: () => void): () => void;
}

export class AccountCopy implements AccountReplica {
  private readonly holder: CopyHolder;
  private applied: number;
  private appliedAt: LogPosition = 0;
  private durable: number;

  constructor(holder: CopyHolder) {
    this.holder = holder;
    this.applied = holder.catalog.get(ACCOUNT_VERSION, ONLY) ?? 0;
    // What it was opened with is durable.
    this.durable = this.applied;
  }

  get isOpen(): boolean {
    return this.holder.catalog.storage.status === "open";
  }

  /** The changes after this version are the next ones. */
  get version(): number {
    return this.applied;
  }

  watch(listener: () => void): () => void {
    return this.holder.catalog.storage.onDurable(listener);
  }

  get confirmed(): number {
    if (this.holder.catalog.storage.durable >= this.appliedAt) this.durable = this.applied;
    return this.durable;
  }

  check(lastVersion: number, firstKept: number): void {
    if (this.applied <= lastVersion && this.applied + 1 >= firstKept) return;
    throw storageError(
      `the shards of the store do not fit together: was one restored from an older copy? applied=${this.applied} kept=${firstKept} last=${lastVersion}`,
    );
  }

  apply(changes: readonly NumberedChange[]): void {
    const { catalog } = this.holder;
    const missing = changes.filter(({ version }) => version > this.applied);
    for (let at = 0; at < missing.length; at += CHUNK) {
      const chunk = missing.slice(at, at + CHUNK);
      const version = (chunk.at(-1) as NumberedChange).version;
      // Whatever saw an applied change waits for it, as for any other row.
      this.appliedAt = catalog.commit([
        ...chunk.flatMap(({ rows }) => mutationsOf(rows)),
        put(ACCOUNT_VERSION, ONLY, version),
      ]);
      this.applied = version;
      if (chunk.some(({ rows }) => deletesBasin(rows))) this.holder.scheduleDeletion();
    }
  }
}
