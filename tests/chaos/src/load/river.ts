// The part of the load that goes on from the first moment of a run to its last: one writer whose records say where they
// must be, and followers that never begin anew. Nothing of it is remembered, so it may be long, and wide enough to fill
// segments of the log all the time; then it is trimmed behind its end.

import { setTimeout as sleep } from "node:timers/promises";
import { AppendRecord, type S2Stream } from "@s2kit/client";
import { S2Error, type StreamPosition } from "@s2kit/core";
import { BASIN, type Carrier, type SeenRecord, unexpected, Violation } from "@s2kit/sim";
import type { ChaosWorld } from "../world/chaos-world.ts";
import { ProcessStage } from "./process-stage.ts";
import { until } from "./until.ts";

export interface RiverBed {
  readonly name: string;
  readonly carriers: readonly Carrier[];
  /** Of each record, more or less. */
  readonly bodyBytes: number;
  /** Records that stay when it is trimmed; undefined: it is not. */
  readonly keptRecords: number | undefined;
}

/** All of it stays, and everyone follows. */
export const THIN: RiverBed = {
  name: "river",
  carriers: ["s2s", "ws", "fetch", "auto"],
  bodyBytes: 20,
  keptRecords: undefined,
};

/** Some megabytes a second: log and data files are written, merged and given back all the time. */
export const WIDE: RiverBed = {
  name: "flood",
  carriers: ["s2s", "fetch"],
  bodyBytes: 50_000,
  keptRecords: 1000,
};

const BATCH_RECORDS = 3;
/** Of the batches of a river that is trimmed, one in so many is the trim. */
const TRIM_EVERY = 100;
const PAUSE_MS = 40;
const RETRY_MS = 200;
const INFLIGHT_BATCHES = 16;
/** After the last record was written, each follower must have it by then. */
const CATCH_UP_MS = 120_000;
const SETUP_MS = 120_000;

export class River {
  /** Everything before it was acknowledged. */
  ackedTail = 0;
  #trimAsked = 0;
  #batches = 0;
  readonly #bed: RiverBed;
  readonly #world: ChaosWorld;
  readonly #stage: ProcessStage;
  readonly #followed = new Map<string, number>();
  readonly #enough = new AbortController();
  readonly #arrived = new AbortController();
  #work: readonly Promise<void>[] = [];

  constructor(world: ChaosWorld, bed: RiverBed) {
    this.#world = world;
    this.#bed = bed;
    this.#stage = new ProcessStage(world, bed.name);
  }

  async begin(): Promise<void> {
    const client = this.#stage.client("setup", "fetch");
    const config = { retentionPolicy: { infinite: {} } };
    const made = until(this.#world, async () => {
      await client.basins.ensure({ basin: BASIN });
      await client.basin(BASIN).streams.ensure({ stream: this.#bed.name, config });
    });
    await this.#world.within(`making of the ${this.#bed.name}`, SETUP_MS, made);
    this.#work = [this.#write(), ...this.#bed.carriers.map((carrier) => this.#follow(carrier))];
    for (const work of this.#work)
      work.catch((error: unknown) => this.#world.fail(unexpected(error), this.#bed.name));
  }

  /** Stops writing, and waits until everyone has everything. @throws {Violation} */
  async end(): Promise<void> {
    this.#enough.abort();
    const [writing] = this.#work;
    await this.#world.within(
      `last words of the ${this.#bed.name}`,
      CATCH_UP_MS,
      writing ?? Promise.resolve(),
    );
    const all = Promise.all(this.#bed.carriers.map((carrier) => this.#whenThere(carrier)));
    await this.#world.within(
      `followers of the ${this.#bed.name} at ${this.ackedTail}`,
      CATCH_UP_MS,
      all,
    );
    this.#arrived.abort();
    await this.#world.within(`end of the ${this.#bed.name}`, CATCH_UP_MS, Promise.all(this.#work));
    await this.#stage.closeClients();
    this.#world.count(`records of the ${this.#bed.name}`, this.ackedTail);
  }

  async #whenThere(carrier: string): Promise<void> {
    while ((this.#followed.get(carrier) ?? 0) < this.ackedTail) await sleep(50);
  }

  async #write(): Promise<void> {
    const client = this.#stage.client("writer", "s2s", undefined, "all");
    const handle = client.basin(BASIN).stream(this.#bed.name);
    while (!this.#enough.signal.aborted) {
      const { tail } = await until(this.#world, () => handle.checkTail());
      if (tail.seqNum < this.ackedTail)
        throw new Violation(
          "durable",
          `the ${this.#bed.name} ends at ${tail.seqNum}, acked ${this.ackedTail}`,
        );
      try {
        await this.#writeSession(handle, tail.seqNum);
      } catch (error) {
        if (!(error instanceof S2Error)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async #writeSession(handle: S2Stream, from: number): Promise<void> {
    const session = await handle.appendSession({ maxInflightBatches: INFLIGHT_BATCHES });
    const settled: Promise<void>[] = [];
    let next = from;
    try {
      while (!this.#enough.signal.aborted && session.failureCause() === undefined) {
        const matchSeqNum = next;
        const records = this.#nextBatch(matchSeqNum);
        next += records.length;
        const ticket = await session.submit({ records, matchSeqNum });
        const acked = ticket
          .ack()
          .then(({ start, end }) => this.#acked(matchSeqNum, records.length, start, end));
        acked.catch(() => undefined);
        settled.push(acked);
        if (settled.length > 1000) await Promise.all(settled.splice(0));
        await sleep(PAUSE_MS);
      }
      await session.close();
    } finally {
      session.abort();
      await Promise.allSettled(settled).then(throwViolations);
    }
  }

  #nextBatch(seqNum: number): AppendRecord[] {
    const { keptRecords } = this.#bed;
    if (keptRecords !== undefined && ++this.#batches % TRIM_EVERY === 0 && seqNum > keptRecords) {
      this.#trimAsked = Math.max(this.#trimAsked, seqNum - keptRecords);
      return [AppendRecord.trim(seqNum - keptRecords)];
    }
    return Array.from({ length: BATCH_RECORDS }, (_, index) =>
      AppendRecord.string({ body: this.#bodyAt(seqNum + index) }),
    );
  }

  #acked(wanted: number, count: number, start: StreamPosition, end: StreamPosition): void {
    if (start.seqNum !== wanted || end.seqNum !== wanted + count)
      throw new Violation(
        "ordered",
        `the ${this.#bed.name} asked for ${wanted}, got ${start.seqNum} to ${end.seqNum}`,
      );
    this.ackedTail = Math.max(this.ackedTail, end.seqNum);
  }

  #bodyAt(seqNum: number): string {
    return `the record at ${seqNum} `.padEnd(this.#bed.bodyBytes, `${seqNum % 10}`);
  }

  async #follow(carrier: Carrier): Promise<void> {
    const client = this.#stage.client(`follower ${carrier}`, carrier);
    const handle = client.basin(BASIN).stream(this.#bed.name);
    let next = 0;
    while (!this.#arrived.signal.aborted) {
      try {
        const session = await handle.readSession(
          { start: { from: { seqNum: next }, clamp: true } },
          { retryPolicy: "indefinite" },
        );
        const stop = (): void => void session.cancel();
        this.#arrived.signal.addEventListener("abort", stop, { once: true });
        try {
          for await (const record of session) {
            next = this.#next(record, next, carrier);
            this.#followed.set(carrier, next);
          }
        } finally {
          this.#arrived.signal.removeEventListener("abort", stop);
          await session.cancel();
        }
      } catch (error) {
        if (!(error instanceof S2Error)) throw error;
      }
      await sleep(RETRY_MS);
    }
  }

  /** What must come behind a record. @throws {Violation} unless it is what had to come here */
  #next(
    { seqNum, body, headers }: Pick<SeenRecord, "seqNum" | "body" | "headers">,
    wanted: number,
    carrier: Carrier,
  ): number {
    const isCommand = headers[0]?.[0] === "";
    const isHere = seqNum === wanted || (seqNum > wanted && seqNum <= this.#trimAsked);
    if (isHere && (isCommand || body === this.#bodyAt(seqNum))) return seqNum + 1;
    throw new Violation(
      "contiguous",
      `the ${this.#bed.name}'s follower by ${carrier} wanted ${wanted}, got ${seqNum}: ${body.slice(0, 40)}`,
    );
  }
}

function throwViolations(results: readonly PromiseSettledResult<void>[]): void {
  for (const result of results)
    if (result.status === "rejected" && result.reason instanceof Violation) throw result.reason;
}
