// One world: clock, network, disk, a server that lives and dies, and what the oracle knows.
// Everything in it draws its chance from the seed under a name of its own, so that leaving one
// thing out changes the others as little as can be.

import { S2 } from "@s2kit/client";
import { type Random, seededRandom, sleep } from "@s2kit/core";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { WebSocket } from "ws";
import { fetchOver } from "../network/fetch.js";
import { usePlatform } from "../network/platform.js";
import { type NetworkSettings, SimulatedNetwork } from "../network/simulated-network.js";
import { StreamOracle } from "../oracle/stream-oracle.js";
import { unexpected, Violation } from "../oracle/violation.js";
import type { Carrier } from "./carrier.js";
import { LifeClock } from "./life-clock.js";
import { type Pump, pumpFor, pumpUntil, quiet } from "./pump.js";
import { PORT, ROOT_TOKEN, ServerLife } from "./server-life.js";
import { createStore, type EngineName, type Store } from "./store.js";
import { Trace } from "./trace.js";
import { WallTimes } from "./wall-times.js";

export interface WorldOptions {
  readonly seed: number;
  readonly engine: EngineName;
  /** The server asks for tokens. */
  readonly isGuarded: boolean;
  /** The server bounds how fast a stream is written, and by how many it is read. */
  readonly isLimited: boolean;
  readonly network: NetworkSettings;
  readonly isTraced: boolean;
}

const MEMORY_CHECK_STEPS = 64;
/** Longer than any disk stays full. */
const OPENING_TRIES = 100;
const OPENING_PAUSE_MS = 100;

export class World {
  readonly clock: SimulatedClock = createSimulatedClock();
  readonly trace: Trace;
  readonly network: SimulatedNetwork;
  readonly store: Store;
  readonly isGuarded: boolean;
  readonly isLimited: boolean;
  readonly walls: WallTimes = new WallTimes();
  readonly streams: Map<string, StreamOracle> = new Map();
  /** Those that one actor made for himself, and that stay. */
  readonly ownStreams: Set<string> = new Set();
  life: ServerLife | undefined;
  lives = 0;
  /** Nobody starts a server for now. */
  isDown = false;
  /** The process may fail by itself: a fault was ordered. */
  isFaulty = false;
  readonly #seed: number;
  readonly #pump: Pump;
  readonly #clients = new Map<S2, LifeClock>();
  #ticks = 0;
  #steps = 0;
  #violation: Violation | undefined;

  constructor(options: WorldOptions) {
    this.#seed = options.seed;
    this.isGuarded = options.isGuarded;
    this.isLimited = options.isLimited;
    this.trace = new Trace(this.clock, options.isTraced);
    this.network = new SimulatedNetwork({
      clock: this.clock,
      random: this.randomOf("network"),
      settings: options.network,
      note: (what) => this.trace.note(what),
    });
    this.store = createStore(options.engine, this.randomOf("store"), this.clock);
    this.#pump = { clock: this.clock, onStep: () => this.#step() };
    usePlatform({
      network: this.network,
      clock: this.clock,
      onUncaught: (error) => this.fail(unexpected(error)),
    });
    Object.assign(globalThis, { WebSocket });
  }

  /** Chance for one purpose. */
  randomOf(name: string): Random {
    let mixed = this.#seed;
    for (const char of name) mixed = (Math.imul(mixed, 31) + char.charCodeAt(0)) | 0;
    return seededRandom(mixed);
  }

  note(who: string, what: string): void {
    this.trace.note(`${who} ${what}`);
  }

  stream(name: string): StreamOracle {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const made = new StreamOracle(name, { next: () => ++this.#ticks });
    this.streams.set(name, made);
    return made;
  }

  /** What is found while nobody waits for it ends the history at the next step. */
  fail(violation: Violation): void {
    this.#violation ??= violation;
  }

  onServerError(fields: object, message: string): void {
    const { err } = fields as { readonly err?: unknown };
    const text = err instanceof Error ? `${err.message}` : String(err);
    this.note("server", `error: ${message}: ${text}`);
    // What a call of the disk was ordered to do may come up anywhere.
    if (!this.isFaulty) this.fail(new Violation("unexpected", `${message}: ${stackOf(err)}`));
  }

  /**
   * @param retry - what a client may send again: `all` may double, unless each batch names its
   *   place
   */
  client(
    name: string,
    carrier: Carrier,
    accessToken: string = ROOT_TOKEN,
    retry: "all" | "noSideEffects" = "noSideEffects",
  ): S2 {
    const clock = new LifeClock(this.clock);
    const origin = `http://localhost:${PORT}`;
    const client = new S2(
      {
        accessToken,
        endpoints: { account: origin, basin: origin },
        transport: carrier,
        retry: { appendRetryPolicy: retry },
      },
      {
        clock,
        random: this.randomOf(`client/${name}`),
        fetch: fetchOver(this.network),
      },
    );
    this.#clients.set(client, clock);
    return client;
  }

  /** @throws {Violation} when it leaves timers behind */
  async closeClients(): Promise<void> {
    for (const client of this.#clients.keys()) await client.close();
  }

  checkClients(): void {
    for (const clock of this.#clients.values())
      if (clock.timerCount > 0)
        throw new Violation("ledger", `a closed client has timers left: ${clock.timerCount}`);
  }

  async start(): Promise<void> {
    const random = this.randomOf(`life/${++this.lives}`);
    for (let attempt = 1; ; attempt++) {
      this.note("server", `starts life=${this.lives}`);
      try {
        const life = await ServerLife.start(this, random);
        this.life = life;
        void life.server.failed.then((reason) => this.#onFailed(life, reason));
        void this.store.crash.catch(() => this.#onFailed(life, new Error("the power is gone")));
        return;
      } catch (error) {
        this.note("server", `cannot start: ${String(error).slice(0, 80)}`);
        if (!this.isFaulty || attempt > OPENING_TRIES)
          throw new Violation("sound", `it does not start: ${stackOf(error)}`);
        this.store.restart("power");
        // A disk that is full has room again in a while.
        await sleep(this.clock, OPENING_PAUSE_MS);
      }
    }
  }

  /** The process ends without a word, and perhaps the machine with it. */
  kill(kind: "kill" | "power", peers: "reset" | "half-open"): void {
    const { life } = this;
    if (life === undefined || life.isDead) return;
    this.note("server", `dies: ${kind}, peers see ${peers}`);
    this.life = undefined;
    life.die();
    this.network.unlistenAll();
    this.network.dropAll(peers);
    this.store.restart(kind);
  }

  async close(): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    this.note("server", "closes");
    this.life = undefined;
    await life.close();
    // The libraries tell of the end of their connections a moment later.
    await sleep(this.clock, 1);
    if (life.isDead) return;
    const left = life.clock.timerCount;
    if (left > 0) throw new Violation("ledger", `a closed server has timers left: ${left}`);
    life.die();
    this.store.restart("kill");
  }

  /** Moves the wall clock of everybody; durations do not change. */
  jump(byMs: number): void {
    this.walls.moved(this.clock.monotonic(), byMs);
    this.clock.jump(byMs);
  }

  run(work: Promise<unknown>, limitMs: number): Promise<void> {
    return pumpUntil(this.#pump, work, this.clock.monotonic() + limitMs);
  }

  pass(forMs: number): Promise<void> {
    return pumpFor(this.#pump, forMs);
  }

  /** Lets what is left of it come to rest, so that it does not reach into the next one. */
  async end(): Promise<void> {
    this.life?.die();
    for (const clock of this.#clients.values()) clock.die();
    this.network.destroyAll();
    await quiet();
    usePlatform(undefined);
  }

  #step(): void {
    if (this.#violation !== undefined) throw this.#violation;
    if (++this.#steps % MEMORY_CHECK_STEPS === 0) this.life?.checkMemory();
  }

  #onFailed(life: ServerLife, reason: Error): void {
    if (this.life !== life) return;
    if (!this.isFaulty)
      this.fail(new Violation("unexpected", `the store failed by itself: ${stackOf(reason)}`));
    this.kill("power", "reset");
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
