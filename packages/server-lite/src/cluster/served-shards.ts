// The shards that this node serves now, and what can be asked of one: the same whether the asker is
// a client of this node or another node.

import type { NumberedChange } from "../backend/account/account-copy.js";
import type { Exchange } from "../exchange/exchange.js";

export interface ServedShard {
  readonly shard: number;
  /** Answers a request of the API, whoever passed it on. */
  serve(exchange: Exchange): Promise<void>;
  /**
   * What stands before every stream name of whoever sends a request.
   *
   * @param ticket - what it is to be let in by, instead of a token
   * @throws {S2Error} `authn`
   */
  prefixOf(exchange: Pick<Exchange, "header">, ticket: string | undefined): string;
  /** See `Account`. */
  takeChanges(changes: readonly NumberedChange[]): Promise<number>;
  /** See `BasinPart`. */
  isPurged(basin: string, version: number): Promise<boolean>;
}

export class ServedShards {
  private readonly byNumber = new Map<number, ServedShard>();
  private readonly listeners = new Set<() => void>();

  get(shard: number): ServedShard | undefined {
    return this.byNumber.get(shard);
  }

  /** Rising. */
  get numbers(): readonly number[] {
    return [...this.byNumber.keys()].sort((a, b) => a - b);
  }

  /** Any of them: all know the account. */
  get any(): ServedShard | undefined {
    return this.byNumber.values().next().value;
  }

  enter(served: ServedShard): void {
    this.byNumber.set(served.shard, served);
    for (const listener of this.listeners) listener();
  }

  leave(shard: number): void {
    this.byNumber.delete(shard);
  }

  /** Calls back when one is there that was not. @returns ends that */
  onEntered(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
