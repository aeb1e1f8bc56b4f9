// Brings changes of the account to all shards of a store: one ordered journal in the first shard,
// of which every other one has a prefix. A change and its entry of the journal are one commit of
// the first shard; others get it once that is durable, and it is done when it is durable in all. A
// process that dies in between leaves the journal, and the next one goes on before it serves
// anybody. docs/decisions/0145.

import { type Clock, S2Error, type Timer } from "@s2kit/core";
import type { LogPosition, Mutation } from "../../storage/storage.js";
import type { Catalog } from "../catalog/catalog.js";
import { ACCOUNT_CHANGE, ACCOUNT_VERSION } from "../catalog/keys/account-change.js";
import { ONLY, put, remove } from "../catalog/keys/key-kind.js";
import {
  AccountCopy,
  type AccountReplica,
  type CopyHolder,
  type NumberedChange,
} from "./account-copy.js";
import { copiedRows } from "./copied-rows.js";
import { VersionWaiters } from "./version-waiters.js";

export interface FanOutComponents {
  readonly first: Catalog;
  readonly others: readonly CopyHolder[];
  /** Copies at other nodes. Default: none */
  readonly remote?: readonly AccountReplica[];
  readonly clock: Clock;
  onError(error: unknown): void;
}

interface Pending extends NumberedChange {
  /** Of its commit in the first shard. */
  readonly position: LogPosition;
}

/** Changes on their way; with a shard that takes none, the next one is refused. */
const MAX_PENDING = 1000;
/** A shard that could not take a change now gets it again after this, ms. */
const RETRY_MS = 200;

export class AccountFanOut {
  private readonly components: FanOutComponents;
  private readonly copies: AccountReplica[];
  private readonly pending: Pending[] = [];
  private readonly waiters: VersionWaiters;
  /** Ends the watch over each copy. */
  private readonly unsubscribes: (() => void)[];
  private readonly unsubscribe: () => void;
  private version: number;
  private retry: Timer | undefined = undefined;
  private isClosed = false;

  /**
   * Goes on with what an earlier process left: when this returns, every shard knows all there is.
   *
   * @throws {S2Error} `storage` when the shards do not fit together
   */
  constructor(components: FanOutComponents) {
    const { first, others, remote = [], clock } = components;
    this.components = components;
    this.version = first.get(ACCOUNT_VERSION, ONLY) ?? 0;
    this.copies = [...others.map((holder) => new AccountCopy(holder)), ...remote];
    this.waiters = new VersionWaiters(clock);
    const left = first.page(ACCOUNT_CHANGE, { prefix: "", startAfter: "", limit: MAX_PENDING });
    for (const { name, value } of left.items)
      this.pending.push({ version: ACCOUNT_CHANGE.partsOf(name), rows: value, position: 0 });
    for (const copy of this.copies) this.check(copy);
    this.unsubscribe = first.storage.onDurable(() => this.push());
    this.unsubscribes = this.copies.map((copy) => copy.watch(() => this.settle()));
    this.push();
    this.settle();
  }

  /**
   * Another holder of a copy, in the place of one that failed: it gets what it missed now.
   *
   * @throws {S2Error} `storage` when it does not fit the others
   */
  replace(index: number, holder: CopyHolder): void {
    const copy = new AccountCopy(holder);
    this.check(copy);
    this.unsubscribes[index]?.();
    this.copies[index] = copy;
    this.unsubscribes[index] = copy.watch(() => this.settle());
    this.push();
    this.settle();
  }

  /**
   * Commits to the first shard, and sees that all others get what is copied of it.
   *
   * @throws {S2Error} `unavailable` while too many changes wait for a shard
   */
  commit(mutations: readonly Mutation[]): LogPosition {
    const { first } = this.components;
    const rows = copiedRows(mutations);
    if (rows.length === 0) return first.commit(mutations);
    if (this.pending.length >= MAX_PENDING)
      throw unavailable("a part of the store takes no changes now: try again in a moment");
    const version = this.version + 1;
    const position = first.commit([
      ...mutations,
      put(ACCOUNT_VERSION, ONLY, version),
      put(ACCOUNT_CHANGE, version, rows),
    ]);
    this.version = version;
    this.pending.push({ version, rows, position });
    return position;
  }

  /**
   * Resolves when every change that was made so far is durable in all shards; undefined when it is.
   *
   * @throws {S2Error} `unavailable` when that takes too long: the change stands, and gets there
   */
  settled(): Promise<void> | undefined {
    return this.confirmed >= this.version
      ? undefined
      : this.waiters.until(this.version, () => unavailable(NOT_YET));
  }

  close(): void {
    this.isClosed = true;
    this.retry?.cancel();
    this.unsubscribe();
    for (const unsubscribe of this.unsubscribes) unsubscribe();
    this.waiters.fail(unavailable(NOT_YET));
  }

  private check(copy: AccountReplica): void {
    copy.check(this.version, this.pending[0]?.version ?? this.version + 1);
  }

  private get confirmed(): number {
    return Math.min(this.version, ...this.copies.map(({ confirmed }) => confirmed));
  }

  /** Gives each shard what is durable in the first one. A version must never be given out twice. */
  private push(): void {
    const { durable } = this.components.first.storage;
    const ready = this.pending.filter(({ position }) => position <= durable);
    for (const copy of this.copies) {
      if (this.isClosed || !copy.isOpen) continue;
      try {
        copy.apply(ready);
      } catch (error) {
        if (!copy.isOpen) continue;
        this.components.onError(error);
        this.retryLater();
      }
    }
  }

  /** Lets those go whose change is everywhere, and forgets it. */
  private settle(): void {
    const { confirmed } = this;
    this.waiters.release(confirmed);
    const done = this.pending.filter(({ version }) => version <= confirmed);
    const { first } = this.components;
    if (done.length === 0 || this.isClosed || first.storage.status !== "open") return;
    try {
      // Nobody waits for it: what is pushed again is passed over.
      first.storage.commit(done.map(({ version }) => remove(ACCOUNT_CHANGE, version)));
      this.pending.splice(0, done.length);
    } catch (error) {
      this.components.onError(error);
      this.retryLater();
    }
  }

  private retryLater(): void {
    this.retry ??= this.components.clock.setTimer(
      () => {
        this.retry = undefined;
        this.push();
        this.settle();
      },
      RETRY_MS,
      { keepsAlive: false },
    );
  }
}

const NOT_YET =
  "a part of the store has not taken this change yet: it gets there, ask again in a moment";

function unavailable(message: string): S2Error {
  return new S2Error({ code: "unavailable", message });
}
