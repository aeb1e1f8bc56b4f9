// One process of the server: from its start to its end, by close or by death. Whoever dies takes
// his timers along and leaves his peers with broken connections.

import type { Clock, Random } from "@s2kit/core";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { openThings, type Storage } from "@s2kit/server-lite/simulation";
import { Violation } from "../oracle/violation.js";
import { LifeClock } from "./life-clock.js";
import type { Store } from "./store.js";

export const PORT = 8080;
export const ROOT_TOKEN = "root-token-of-the-simulation";
/** The least that a server takes. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;

/** What a few clients reach, and a single slow one does not. */
const LIMITS = {
  perStream: { appendBatchesPerSec: 10, appendBytesPerSec: 20_000, concurrentReaders: 3 },
};

/** What a process finds in its world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly store: Store;
  readonly isGuarded: boolean;
  readonly isLimited: boolean;
  onServerError(fields: object, message: string): void;
}

export class ServerLife {
  readonly server: S2Server;
  readonly clock: LifeClock;
  #isDead = false;

  private constructor(server: S2Server, clock: LifeClock) {
    this.server = server;
    this.clock = clock;
  }

  /** @throws what the store throws when it cannot be opened */
  static async start(world: Surroundings, random: Random): Promise<ServerLife> {
    const clock = new LifeClock(world.clock);
    let storage: Storage | readonly Storage[] | undefined;
    try {
      storage = await Promise.race([world.store.open(clock), world.store.crash]);
      const server = createServer(
        {
          port: PORT,
          maxHeldBytes: MAX_HELD_BYTES,
          drainGraceMs: 1000,
          ...(world.isLimited ? { limits: LIMITS } : {}),
          ...(world.isGuarded ? { auth: true, rootToken: ROOT_TOKEN } : {}),
        },
        {
          clock,
          random,
          storage,
          logger: {
            info: () => undefined,
            warn: () => undefined,
            // The dead may still meet the end of a call that they began.
            error: (fields: object, message: string) => {
              if (!clock.isDead) world.onServerError(fields, message);
            },
          },
        },
      );
      const life = new ServerLife(server, clock);
      await Promise.race([server.listen(), world.store.crash]);
      return life;
    } catch (error) {
      clock.die();
      throw error;
    }
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Ends without a word: nothing of it runs by the clock any more. */
  die(): void {
    this.#isDead = true;
    this.clock.die();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** @throws {Violation} when clients hold more than the budget */
  checkMemory(): void {
    let held = 0;
    for (const [account, count] of Object.entries(openThings(this.server)))
      if (account.startsWith("bytes held")) held += count;
    if (held > MAX_HELD_BYTES) throw new Violation("memory", `held=${held}`);
  }

  /** @throws {Violation} when something is open that nobody uses */
  checkLedger(): void {
    const open = openThings(this.server);
    if (Object.keys(open).length > 0)
      throw new Violation("ledger", `after everyone has left: ${JSON.stringify(open)}`);
  }
}
