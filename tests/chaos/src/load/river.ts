// The part of the load that goes on from the first moment of a run to its last: one writer whose records say where they
// must be, and followers on every carrier that never begin anew. Nothing of it is remembered, so it may be long.

import { setTimeout as sleep } from "node:timers/promises";
import { AppendRecord, type S2Stream } from "@s2kit/client";
import { S2Error } from "@s2kit/core";
import { BASIN, unexpected, Violation } from "@s2kit/sim";
import type { ChaosWorld } from "../world/chaos-world.ts";
import { ProcessStage } from "./process-stage.ts";
import { until } from "./until.ts";

const STREAM = "river";
const CARRIERS = ["s2s", "ws", "fetch", "auto"] as const;
const BATCH_RECORDS = 3;
const PAUSE_MS = 40;
const RETRY_MS = 200;
const INFLIGHT_BATCHES = 16;
/** After the last record was written, each follower must have it by then. */
const CATCH_UP_MS = 120_000;
const SETUP_MS = 120_000;

export class River {
  /** Everything before it was acknowledged. */
  ackedTail = 0;
  readonly #world: ChaosWorld;
  readonly #stage: ProcessStage;
  readonly #followed = new Map<string, number>();
  readonly #enough = new AbortController();
  readonly #arrived = new AbortController();
  #work: readonly Promise<void>[] = [];

  constructor(world: ChaosWorld) {
    this.#world = world;
    this.#stage = new ProcessStage(world, "river");
  }

  async begin(): Promise<void> {
    const client = this.#stage.client("setup", "fetch");
    const config = { retentionPolicy: { infinite: {} } };
    const made = until(this.#world, async () => {
      await client.basins.ensure({ basin: BASIN });
      await client.basin(BASIN).streams.ensure({ stream: STREAM, config });
    });
    await this.#world.within("making of the river", SETUP_MS, made);
    this.#work = [this.#write(), ...CARRIERS.map((carrier) => this.#follow(carrier))];
    for (const work of this.#work)
      work.catch((error: unknown) => this.#world.fail(unexpected(error), "river"));
  }

  /** Stops writing, and waits until everyone has everything. @throws {Violation} */
  async end(): Promise<void> {
    this.#enough.abort();
    const [writing] = this.#work;
    await this.#world.within("last words of the river", CATCH_UP_MS, writing ?? Promise.resolve());
    const all = Promise.all(CARRIERS.map((carrier) => this.#whenThere(carrier)));
    await this.#world.within(`followers of the river at ${this.ackedTail}`, CATCH_UP_MS, all);
    this.#arrived.abort();
    await this.#world.within("end of the river", CATCH_UP_MS, Promise.all(this.#work));
    await this.#stage.closeClients();
    this.#world.count("records of the river", this.ackedTail);
  }

  async #whenThere(carrier: string): Promise<void> {
    while ((this.#followed.get(carrier) ?? 0) < this.ackedTail) await sleep(50);
  }

  async #write(): Promise<void> {
    const client = this.#stage.client("writer", "s2s", undefined, "all");
    const handle = client.basin(BASIN).stream(STREAM);
    while (!this.#enough.signal.aborted) {
      const { tail } = await until(this.#world, () => handle.checkTail());
      if (tail.seqNum < this.ackedTail)
        throw new Violation("durable", `the river ends at ${tail.seqNum}, acked ${this.ackedTail}`);
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
        const records = Array.from({ length: BATCH_RECORDS }, (_, index) =>
          AppendRecord.string({ body: bodyAt(matchSeqNum + index) }),
        );
        next += records.length;
        const ticket = await session.submit({ records, matchSeqNum });
        const acked = ticket
          .ack()
          .then(({ start, end }) => this.#acked(matchSeqNum, start.seqNum, end.seqNum));
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

  #acked(wanted: number, start: number, end: number): void {
    if (start !== wanted || end !== wanted + BATCH_RECORDS)
      throw new Violation("ordered", `the river asked for ${wanted}, got ${start} to ${end}`);
    this.ackedTail = Math.max(this.ackedTail, end);
  }

  async #follow(carrier: (typeof CARRIERS)[number]): Promise<void> {
    const client = this.#stage.client(`follower ${carrier}`, carrier);
    const handle = client.basin(BASIN).stream(STREAM);
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
          for await (const { seqNum, body } of session) {
            if (seqNum !== next || body !== bodyAt(seqNum))
              throw new Violation(
                "contiguous",
                `the river's follower by ${carrier} wanted ${next}, got ${seqNum}: ${body.slice(0, 40)}`,
              );
            this.#followed.set(carrier, ++next);
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
}

function bodyAt(seqNum: number): string {
  return `the record at ${seqNum}`;
}

function throwViolations(results: readonly PromiseSettledResult<void>[]): void {
  for (const result of results)
    if (result.status === "rejected" && result.reason instanceof Violation) throw result.reason;
}
