// Who has a shard now: this node, or where another one is reached that said so. Where nobody does,
// whoever asks is parked, for a bounded time and in bounded numbers; meanwhile it is looked for
// more often. What is found may be out of date: the owner itself decides whether it is one.

import { type Clock, type Deferred, deferred, S2Error, sleep } from "@s2kit/core";
import { clientHangup } from "../exchange/exchange.js";
import type { Member, Membership } from "../storage/object/membership/membership.js";
import { isSettledWithin } from "../waiting/settled-within.js";
import type { ServedShard, ServedShards } from "./served-shards.js";

export type Owner =
  | { readonly kind: "here"; readonly served: ServedShard }
  | { readonly kind: "there"; readonly url: string };

export interface OwnersComponents {
  readonly clock: Clock;
  readonly membership: Membership;
  readonly served: ServedShards;
}

/** Requests that wait for an owner at once: each holds its client and a head. */
const MAX_PARKED = 1000;
/** Of the time between two looks: while somebody waits. */
const HASTE_PART = 1 / 4;

export class Owners {
  private readonly components: OwnersComponents;
  /** What turned out to be wrong, of the members as they were then. */
  private wrong: { members: readonly Member[]; urls: Map<number, Set<string>> } | undefined;
  private parked = 0;
  private news: Deferred<void> | undefined = undefined;
  private readonly ended = new AbortController();
  private readonly unsubscribe: () => void;

  constructor(components: OwnersComponents) {
    this.components = components;
    this.unsubscribe = components.served.onEntered(() => this.tell());
  }

  get parkedCount(): number {
    return this.parked;
  }

  /**
   * @param untilMs - monotonic: so long it is waited for
   * @param gone - when nobody wants it any more
   * @throws {S2Error} `unavailable` when nobody has it by then; `hot_server` when too many wait;
   *   `client_hangup`
   */
  async find(shard: number, untilMs: number, gone?: AbortSignal): Promise<Owner> {
    if (this.ended.signal.aborted) throw nobody();
    const known = this.known(shard);
    if (known !== undefined) return known;
    if (this.parked >= MAX_PARKED)
      throw new S2Error({ code: "hot_server", message: "too many requests wait for their owner" });
    this.parked++;
    const left = deferred<void>();
    const leave = (): void => left.resolve();
    gone?.addEventListener("abort", leave);
    try {
      return await this.wait(shard, untilMs, { gone, left: left.promise });
    } finally {
      gone?.removeEventListener("abort", leave);
      this.parked--;
    }
  }

  /**
   * Whom it was sent to has not got it, or does not answer: the next look may show another one.
   *
   * @throws {S2Error} `unavailable` when there is no time left to find one
   */
  noteWrong(shard: number, url: string, untilMs: number): void {
    const { clock, membership } = this.components;
    const members = membership.living;
    if (this.wrong?.members !== members) this.wrong = { members, urls: new Map() };
    const { urls } = this.wrong;
    urls.set(shard, new Set(urls.get(shard)).add(url));
    if (clock.monotonic() >= untilMs) throw nobody();
  }

  /** Nobody is found any more. */
  close(): void {
    this.ended.abort();
    this.unsubscribe();
    this.tell();
  }

  private known(shard: number): Owner | undefined {
    const { membership, served } = this.components;
    const here = served.get(shard);
    if (here !== undefined) return { kind: "here", served: here };
    const { living, self } = membership;
    const wrong = this.wrong?.members === living ? this.wrong.urls.get(shard) : undefined;
    const there = living.find(
      ({ incarnation, shards, url }) =>
        incarnation !== self.incarnation && shards.includes(shard) && wrong?.has(url) !== true,
    );
    return there && { kind: "there", url: there.url };
  }

  private async wait(
    shard: number,
    untilMs: number,
    { gone, left }: { readonly gone: AbortSignal | undefined; readonly left: Promise<void> },
  ): Promise<Owner> {
    const { clock } = this.components;
    for (;;) {
      if (gone?.aborted === true) throw clientHangup();
      const leftMs = untilMs - clock.monotonic();
      if (leftMs <= 0 || this.ended.signal.aborted) throw nobody();
      await isSettledWithin(clock, Promise.race([this.untilNews(), left]), leftMs);
      const known = this.known(shard);
      if (known !== undefined) return known;
    }
  }

  /** All who wait are told together. */
  private untilNews(): Promise<void> {
    if (this.news === undefined) {
      this.news = deferred();
      void this.lookSoon(this.news);
    }
    return this.news.promise;
  }

  private async lookSoon(news: Deferred<void>): Promise<void> {
    const { clock, membership } = this.components;
    await sleep(clock, membership.lookEveryMs * HASTE_PART, this.ended.signal);
    // A bucket that does not answer is no news.
    if (!this.ended.signal.aborted) await membership.look().catch(() => undefined);
    if (this.news === news) this.tell();
  }

  private tell(): void {
    const { news } = this;
    this.news = undefined;
    news?.resolve();
  }
}

function nobody(): S2Error {
  return new S2Error({
    code: "unavailable",
    message: "no node has this part of the store at the moment: try again",
    retryAfterMs: 1000,
  });
}
