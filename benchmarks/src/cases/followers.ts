// A thousand SSE followers of one stream with one writer at 50 records a second: when each record
// reaches each follower, and what the followers cost in memory.

import { AppendInput, AppendRecord, S2 } from "@s2kit/client";
import { BASIN, type Benchmark, inTurns, startServer } from "../bench.ts";
import { median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { Delivery, FollowRole } from "../roles/follow-load.ts";
import { watched } from "../usage.ts";

const FOLLOWERS = 1000;
const RECORDS_PER_SEC = 50;
const STREAM = "followed";
const MIB = 1024 * 1024;

interface Written {
  readonly records: number;
  readonly seconds: number;
}

export const followers: Benchmark = {
  name: "followers",
  title: `${FOLLOWERS} SSE followers, one writer at ${RECORDS_PER_SEC} records/s`,
  async run(options) {
    await using target = await startServer(options);
    const writer = await openWriter(target.url);
    // What appending costs by itself is not the followers' doing.
    await writer.run(2 * options.roundMs);
    const before = await target.server.settledUsage(undefined);
    const settings = { url: target.url, basin: BASIN, stream: STREAM, followers: FOLLOWERS / 2 };
    await using first = await startRole<FollowRole>("follow-load", settings);
    await using second = await startRole<FollowRole>("follow-load", settings);
    const both = [first.call, second.call];

    // Each round begins when the one before has reached everybody.
    const round = async (): Promise<Delivery & Written> => {
      const { records, seconds } = await writer.run(options.roundMs);
      const deliveries = records * settings.followers;
      const halves = await Promise.all(both.map((half) => half.take(deliveries)));
      return {
        records,
        seconds,
        p50Ms: Math.max(...halves.map(({ p50Ms }) => p50Ms)),
        p99Ms: Math.max(...halves.map(({ p99Ms }) => p99Ms)),
      };
    };
    const { rounds } = await inTurns(options, { rounds: () => watched(target.server, round) });
    const after = await target.server.settledUsage(undefined);
    await writer.close();
    const perDelivery = rounds.map(({ cpuMicros, records }) => cpuMicros / (records * FOLLOWERS));
    const cores = median(rounds.map(({ cpuMicros, seconds }) => cpuMicros / 1e6 / seconds));
    return [
      {
        name: "delivery p99",
        unit: "ms",
        value: median(rounds.map(({ p99Ms }) => p99Ms)),
        goal: { of: "value", relation: "<=", bound: 10 },
        note: `p50 ${median(rounds.map(({ p50Ms }) => p50Ms)).toFixed(2)} ms, ${cores.toFixed(2)} server cores`,
      },
      {
        name: "processor time per delivery",
        unit: "µs",
        value: median(perDelivery),
        goal: { of: "value", relation: "<=", bound: 11 },
        note: `of all threads of the server, appends included; least ${Math.min(...perDelivery).toFixed(2)}`,
      },
      {
        name: "memory growth",
        unit: "MiB",
        value: (after.residentBytes - before.residentBytes) / MIB,
        goal: { of: "value", relation: "<=", bound: 40 },
        note: `live objects and buffers ${((after.heldBytes - before.heldBytes) / MIB).toFixed(1)} MiB`,
      },
    ];
  },
};

async function openWriter(url: string): Promise<{
  append(): Promise<unknown>;
  /** Writes at the rate for so long. */
  run(ms: number): Promise<Written>;
  close(): Promise<void>;
}> {
  const s2 = new S2({ accessToken: "unused", endpoints: { account: url, basin: url } });
  const session = await s2.basin(BASIN).stream(STREAM).appendSession();
  const append = async (): Promise<unknown> => {
    const body = String(process.hrtime.bigint() / 1000n);
    const ticket = await session.submit(AppendInput.create([AppendRecord.string({ body })]));
    return ticket.ack();
  };
  return {
    append,
    async run(ms) {
      const startedAt = performance.now();
      const acks: Promise<unknown>[] = [];
      const count = Math.max(1, Math.floor((ms / 1000) * RECORDS_PER_SEC));
      for (let record = 0; record < count; record++) {
        const due = startedAt + (record * 1000) / RECORDS_PER_SEC - performance.now();
        if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
        const acked = append();
        // A failure is thrown below; until then it must not end the process, and leave data behind.
        acked.catch(() => undefined);
        acks.push(acked);
      }
      await Promise.all(acks);
      return { records: count, seconds: (performance.now() - startedAt) / 1000 };
    },
    async close() {
      await session.close();
      await s2.close();
    },
  };
}
