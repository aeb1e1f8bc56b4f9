// The stage of the simulation's actors on real time and real processes: clients over TCP through one of the proxies,
// chance from the seed, and an oracle for each stream. One stage for each cell of the load.

import { S2 } from "@s2kit/client";
import { type Clock, type Random, systemClock } from "@s2kit/core";
import {
  type Carrier,
  type Stage,
  StreamOracle,
  type Strike,
  type Violation,
  WallTimes,
} from "@s2kit/sim";
import type { FaultyProxy } from "../network/faulty-proxy.ts";
import { ROOT_TOKEN } from "../server/server-process.ts";
import type { ChaosWorld } from "../world/chaos-world.ts";

/** Notes that are kept to be shown with a failure. */
const MAX_NOTES = 400;
const CLOSE_MS = 30_000;

export class ProcessStage implements Stage {
  readonly clock: Clock = systemClock;
  readonly ownStreams: Set<string> = new Set();
  readonly streams: Map<string, StreamOracle> = new Map();
  readonly notes: string[] = [];
  readonly network: Stage["network"];
  /** Nobody moves the clock of the machine. */
  readonly walls: WallTimes = new WallTimes();
  readonly world: ChaosWorld;
  readonly name: string;
  readonly #clients = new Set<S2>();

  constructor(world: ChaosWorld, name: string) {
    this.world = world;
    this.name = name;
    this.network = {
      strikeNewest: (fault: Strike) => this.#anyProxy("vanish").strikeNewest(fault),
    };
  }

  randomOf(name: string): Random {
    return this.world.randomOf(`${this.name}/${name}`);
  }

  note(who: string, what: string): void {
    this.notes.push(`${(this.world.log.ms / 1000).toFixed(2)} ${who} ${what}`);
    if (this.notes.length > MAX_NOTES) this.notes.shift();
  }

  stream(name: string): StreamOracle {
    const known = this.streams.get(name);
    if (known !== undefined) return known;
    const made = new StreamOracle(name, { next: () => this.world.nextTick() });
    this.streams.set(name, made);
    return made;
  }

  fail(violation: Violation): void {
    this.world.fail(violation, this.name);
  }

  client(
    name: string,
    carrier: Carrier,
    accessToken: string = ROOT_TOKEN,
    retry: "all" | "noSideEffects" = "noSideEffects",
  ): S2 {
    const origin = this.originFor(name);
    const client = new S2(
      {
        accessToken,
        endpoints: { account: origin, basin: origin },
        transport: carrier,
        retry: { appendRetryPolicy: retry },
      },
      { random: this.randomOf(`client/${name}`) },
    );
    this.#clients.add(client);
    return client;
  }

  /** An address of the server for somebody of this stage. */
  originFor(name: string): string {
    return `http://127.0.0.1:${this.#anyProxy(name).port}`;
  }

  async closeClients(): Promise<void> {
    const all = Promise.all([...this.#clients].map((client) => client.close()));
    await this.world.within(`close of the clients of ${this.name}`, CLOSE_MS, all);
    this.#clients.clear();
  }

  #anyProxy(name: string): FaultyProxy {
    return this.world.proxyFor(this.randomOf(`proxy/${name}`));
  }
}
