// What an actor is: somebody with a client of his own who does a few things to the streams of a
// world, with pauses between. Failures of the network and of the server are his to bear; what
// breaks a promise is thrown.

import type { S2, S2Stream } from "@s2kit/client";
import { type Random, randomInteger, S2Error, sleep } from "@s2kit/core";
import type { StreamOracle } from "../oracle/stream-oracle.js";
import { unexpected, Violation } from "../oracle/violation.js";
import { CARRIERS, type Carrier } from "../world/carrier.js";
import type { Stage } from "./stage.js";

export const BASIN = "simulated-basin";

export interface ActorSettings {
  readonly name: string;
  readonly steps: number;
  /** Longest pause between two steps. */
  readonly thinkMs: number;
  readonly maxBodyBytes: number;
  /** Shared streams. */
  readonly streams: readonly string[];
}

export class Actor {
  readonly world: Stage;
  readonly settings: ActorSettings;
  readonly random: Random;
  readonly client: S2;
  readonly carrier: Carrier;

  constructor(world: Stage, settings: ActorSettings) {
    this.world = world;
    this.settings = settings;
    this.random = world.randomOf(`actor/${settings.name}`);
    this.carrier = this.pick(CARRIERS);
    this.client = world.client(settings.name, this.carrier);
  }

  get name(): string {
    return this.settings.name;
  }

  note(what: string): void {
    this.world.note(this.name, what);
  }

  integer(min: number, max: number): number {
    return randomInteger(this.random, min, max);
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)] as T;
  }

  /** A shared stream, with what is known about it. */
  stream(): { readonly handle: S2Stream; readonly oracle: StreamOracle } {
    const name = this.pick(this.settings.streams);
    const handle = this.client.basin(BASIN).stream(name);
    return { handle, oracle: this.world.stream(name) };
  }

  /** Bodies of a batch, before they get their identity. */
  bodies(most = 4): string[] {
    return Array.from({ length: this.integer(1, most) }, () => this.body());
  }

  body(): string {
    const { maxBodyBytes } = this.settings;
    const size = this.chance(0.2) ? this.integer(0, maxBodyBytes) : this.integer(0, 60);
    return String.fromCharCode(97 + this.integer(0, 25)).repeat(size);
  }

  async think(atMostMs: number = this.settings.thinkMs): Promise<void> {
    await sleep(this.world.clock, this.integer(0, atMostMs));
  }

  /**
   * Does something that may fail for reasons that are nobody's fault. @returns whether it went well
   */
  async trying(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.note(`${what} ok`);
      return true;
    } catch (error) {
      // It ends the history, whoever waits for this.
      if (!(error instanceof S2Error)) {
        this.world.fail(error instanceof Violation ? error : unexpected(error));
        return false;
      }
      this.note(`${what} failed ${error.code}`);
      return false;
    }
  }
}

export type ActorKind = (actor: Actor) => Promise<void>;

export const RETRY_MS = 500;
export const PATIENCE = 200;

/** Tries again until it is done; false when it was given up. */
export async function persist(actor: Actor, work: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 0; attempt < PATIENCE; attempt++) {
    if (await actor.trying("manage", work)) return true;
    await sleep(actor.world.clock, RETRY_MS);
  }
  return false;
}
