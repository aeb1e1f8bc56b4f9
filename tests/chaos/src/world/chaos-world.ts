// What everything in one run shares: the server of the moment, the proxies in front of it, chance by purpose, one
// order of all questions and answers, and the first promise that was found broken.

import { join } from "node:path";
import { type Random, randomInteger, seededRandom } from "@s2kit/core";
import { Violation } from "@s2kit/sim";
import { FaultyProxy } from "../network/faulty-proxy.ts";
import type { DataDisk } from "../server/data-disk.ts";
import { ServerKeeper } from "../server/server-keeper.ts";
import type { ServerStore } from "../server/server-store.ts";
import type { RunLog } from "./run-log.ts";

/** The first is never disturbed by itself: what happens to the server happens to all. */
const PROXIES = 4;

export interface WorldOptions {
  readonly seed: number;
  readonly disk: DataDisk;
  readonly store: ServerStore;
  readonly log: RunLog;
  /** Folder for what the run leaves. */
  readonly place: string;
  readonly plant: string | undefined;
}

export class ChaosWorld implements AsyncDisposable {
  readonly keeper: ServerKeeper;
  readonly disk: DataDisk;
  readonly store: ServerStore;
  readonly log: RunLog;
  readonly place: string;
  readonly proxies: FaultyProxy[] = [];
  /** How often each thing happened. */
  readonly counts: Map<string, number> = new Map();
  /** Nobody begins anything new. */
  readonly over: AbortController = new AbortController();
  violation: Violation | undefined;
  /** Where it was found. */
  guilty: string | undefined;
  readonly #seed: number;
  #ticks = 0;
  readonly #broken = Promise.withResolvers<never>();

  private constructor(options: WorldOptions) {
    this.#seed = options.seed;
    this.disk = options.disk;
    this.store = options.store;
    this.log = options.log;
    this.place = options.place;
    this.keeper = new ServerKeeper({
      directory: options.disk.directory,
      store: options.store,
      log: join(options.place, "server.log"),
      plant: options.plant,
      note: (what) => this.log.note(what),
      fail: (violation) => this.fail(violation),
    });
    this.#broken.promise.catch(() => undefined);
  }

  static async open(options: WorldOptions): Promise<ChaosWorld> {
    const world = new ChaosWorld(options);
    for (let made = 0; made < PROXIES; made++)
      world.proxies.push(await FaultyProxy.start(() => world.keeper.port));
    return world;
  }

  /** Rejects with the first broken promise; never resolves. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  nextTick(): number {
    return ++this.#ticks;
  }

  randomOf(name: string): Random {
    let mixed = this.#seed;
    for (const char of name) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) | 0;
    return seededRandom(mixed);
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** One of the ways to the server, with the network's faults or without. */
  proxyFor(random: Random): FaultyProxy {
    return this.proxies[randomInteger(random, 0, this.proxies.length - 1)] as FaultyProxy;
  }

  fail(violation: Violation, guilty?: string): void {
    if (this.violation !== undefined) return;
    this.violation = violation;
    this.guilty = guilty;
    this.log.note(`BROKEN ${violation.message}`);
    this.#broken.reject(violation);
  }

  /** Work that ends with the run, and within its time. @throws {Violation} */
  async within<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Violation("stuck", `${what}: no end after ${ms} ms`)),
        ms,
      );
    });
    try {
      return await Promise.race([work, this.broken, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.over.abort();
    this.keeper.abandon();
    this.store.bucket?.stop();
    await Promise.all(this.proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
