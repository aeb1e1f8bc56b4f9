// Carries out what `stewardship` decides: looks at who lives, takes shards and gives them away, for
// as long as its node runs. A pump: how a shard is taken is the engine's, what is done with one
// that is there is its host's.

import { type Clock, S2Error, sleep } from "@s2kit/core";
import { isSettledWithin } from "../../../waiting/settled-within.js";
import type { ObjectStorage } from "../engine/object-storage.js";
import type { Membership } from "../membership/membership.js";
import { type Before, type Failure, NONE, type Place, standingOf } from "./place.js";
import { type Deed, deedsOf, STRICT_STEWARDSHIP, type StewardshipRules } from "./stewardship.js";

/** Who serves the shards that are there. */
export interface ShardHost {
  /**
   * Serves it from now on; whatever it throws, the engine is closed by the steward.
   *
   * @param onFailed - to be told when the engine has failed, or is another's
   */
  serve(shard: number, storage: ObjectStorage, onFailed: () => void): Promise<void>;
  /** Ends what uses the engine, and lets go of it: nothing is asked of it afterwards. */
  leave(shard: number): Promise<void>;
}

export interface StewardComponents {
  readonly clock: Clock;
  readonly membership: Membership;
  /** Of the store. */
  readonly shards: number;
  /** Waits until the shard may be claimed. @throws `ABORTED` by the signal */
  readonly take: (shard: number, signal: AbortSignal) => Promise<ObjectStorage>;
  readonly host: ShardHost;
  /** Ends all that waits for the bucket: it is of no use any more. */
  readonly giveUp: () => void;
  /** Default: the strict ones; weaker ones exist in tests only. */
  readonly rules?: StewardshipRules;
  readonly onError: (error: unknown, shard: number | undefined) => void;
}

/** After a shard failed, in looks: who took it over meanwhile has said so by then. */
const FIRST_REST_LOOKS = 2.5;
/** After each try that failed too twice as long, up to this, ms. */
const MAX_REST_MS = 30_000;
/** For takes and closes at the end, ms: then what waits for the bucket is given up. */
const STOP_MS = 4000;

export class Steward {
  private readonly components: StewardComponents;
  private readonly places: Place[];
  private readonly stopped = new AbortController();
  private releasedMs: number | undefined = undefined;
  private running: Promise<void> | undefined = undefined;

  constructor(components: StewardComponents) {
    this.components = components;
    this.places = Array.from({ length: components.shards }, () => NONE);
  }

  /** Numbers of the shards that are served, rising. */
  get serving(): readonly number[] {
    return this.places.flatMap(({ kind }, shard) => (kind === "serving" ? [shard] : []));
  }

  /** Begins, once. */
  start(): void {
    this.running ??= this.run();
  }

  /** Is after nothing any more, gives everything away; resolves when all is closed. */
  async stop(): Promise<void> {
    this.stopped.abort();
    for (const place of this.places) if (place.kind === "taking") place.ended.abort();
    const { clock, giveUp } = this.components;
    const settled = this.settle();
    if (!(await isSettledWithin(clock, settled, STOP_MS))) giveUp();
    await settled;
  }

  private async settle(): Promise<void> {
    for (;;) {
      // A shard that is taken may be served then, and one that is served may fail meanwhile.
      const going = this.places.flatMap((place) => ("done" in place ? [place.done] : []));
      const waits = going.length > 0 ? going : this.serving.map((shard) => this.leave(shard));
      if (waits.length === 0) break;
      await Promise.all(waits);
    }
    await this.running;
  }

  /** A shard that is served has failed, or is another's now: closes what is left of it. */
  private failed(shard: number): void {
    if (this.places[shard]?.kind === "serving") void this.leave(shard);
  }

  private async run(): Promise<void> {
    const { clock, membership, onError } = this.components;
    const { signal } = this.stopped;
    do {
      try {
        await membership.look();
        if (!signal.aborted) this.decide();
      } catch (error) {
        if (!signal.aborted) onError(error, undefined);
      }
    } while (await sleep(clock, membership.lookEveryMs, signal));
  }

  private decide(): void {
    const { clock, membership, rules = STRICT_STEWARDSHIP } = this.components;
    const { self, isSure, living } = membership;
    const nowMs = clock.monotonic();
    const deeds = deedsOf(
      {
        nowMs,
        self: self.node,
        isSure,
        living,
        standings: this.places.map((place) => standingOf(place, nowMs)),
        releasedMs: this.releasedMs,
      },
      rules,
    );
    for (const deed of deeds) this.carryOut(deed, nowMs);
  }

  private carryOut({ kind, shard }: Deed, nowMs: number): void {
    const place = this.places[shard];
    switch (kind) {
      case "claim":
        if (place?.kind === "none" || place?.kind === "broken") this.take(shard, place);
        return;
      case "withdraw":
        if (place?.kind === "taking") place.ended.abort();
        return;
      case "release":
        this.releasedMs = nowMs;
        void this.leave(shard);
    }
  }

  private take(shard: number, before: Before): void {
    const ended = new AbortController();
    const done = this.takeNow(shard, ended.signal, before);
    this.places[shard] = { kind: "taking", ended, done, isAgain: before.kind === "broken" };
  }

  /** Never rejects. */
  private async takeNow(
    shard: number,
    signal: AbortSignal,
    { kind, failure }: Before,
  ): Promise<void> {
    const { take, host, onError } = this.components;
    // The place is there before anything can come of this.
    await Promise.resolve();
    let storage: ObjectStorage | undefined;
    try {
      storage = await take(shard, signal);
      if (signal.aborted) return await this.close(shard, storage, NONE, failure);
      await host.serve(shard, storage, () => this.failed(shard));
      this.places[shard] = { kind: "serving", storage };
      // It may have failed before anybody listened.
      if (storage.status !== "open") this.failed(shard);
    } catch (error) {
      if (storage !== undefined) {
        onError(error, shard);
        await this.close(shard, storage, { kind: "none", failure: this.next(failure) }, failure);
      } else if (S2Error.from(error).code === "ABORTED" && kind === "none") {
        // Nothing was claimed.
        this.places[shard] = NONE;
      } else {
        if (!signal.aborted) onError(error, shard);
        this.places[shard] = this.broken(failure);
      }
    }
  }

  /** Gives a shard away that is served. Never rejects. */
  private leave(shard: number): Promise<void> {
    const place = this.places[shard];
    if (place?.kind !== "serving") return Promise.resolve();
    const done = this.leaveNow(shard, place.storage);
    this.places[shard] = { kind: "leaving", done };
    return done;
  }

  private async leaveNow(shard: number, storage: ObjectStorage): Promise<void> {
    await Promise.resolve();
    try {
      await this.components.host.leave(shard);
    } catch (error) {
      this.components.onError(error, shard);
    }
    await this.close(shard, storage, NONE, undefined);
  }

  /** @param free - what is here when it has nothing to do with the shard any more */
  private async close(
    shard: number,
    storage: ObjectStorage,
    free: Place,
    failure: Failure | undefined,
  ): Promise<void> {
    try {
      await storage.close();
    } catch (error) {
      this.components.onError(error, shard);
    }
    // Fenced, it is another's; released, anybody's.
    const isFree = storage.isReleased || storage.status === "fenced";
    this.places[shard] = isFree ? free : this.broken(failure);
  }

  private broken(before: Failure | undefined): Place {
    return { kind: "broken", failure: this.next(before) };
  }

  private next(before: Failure | undefined): Failure {
    const { clock, membership } = this.components;
    const firstMs = FIRST_REST_LOOKS * membership.lookEveryMs;
    const waitMs = Math.min(before === undefined ? firstMs : 2 * before.waitMs, MAX_REST_MS);
    return { untilMs: clock.monotonic() + waitMs, waitMs };
  }
}
