// A thousand followers of one stream with one writer at 50 records a second, by each transport: when
// each record reaches each follower, what a delivery costs, and what the followers cost in memory.

import { BASIN, type ServerUnderTest } from "../basin.ts";
import type { Benchmark, BenchOptions } from "../bench.ts";
import { compared, type Figure, median } from "../figure.ts";
import type { FollowTransport } from "../followers/follower.ts";
import { openWriter } from "../followers/writer.ts";
import { startRole } from "../role.ts";
import type { FollowRole } from "../roles/follow-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { watched } from "../usage.ts";

const FOLLOWERS = 1000;
const RECORDS_PER_SEC = 50;
const MIB = 1024 * 1024;

export const following: Benchmark = {
  name: "followers",
  title: `${FOLLOWERS} followers, one writer at ${RECORDS_PER_SEC} records/s`,
  async run(options) {
    const figures: Figure[] = [];
    for (const transport of ["sse", "s2s", "websocket"] as const) {
      // A server of its own for each: memory that one transport took is not given back.
      await using target = await startServer(options);
      const ours = await followed(options, target, transport);
      const hasPeer = target.peer !== undefined && transport !== "websocket";
      const theirs = hasPeer ? await followed(options, target.peer, transport) : undefined;
      figures.push(...figuresOf(transport, ours, theirs));
    }
    return figures;
  },
};

interface Following {
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  readonly microsPerDelivery: readonly number[];
  readonly grownMib: number;
}

/** One side after the other: two thousand followers at once would measure the machine. */
async function followed(
  { rounds, roundMs }: BenchOptions,
  { url, server }: ServerUnderTest,
  transport: FollowTransport,
): Promise<Following> {
  await using writer = await openWriter({ url, basin: BASIN, stream: "followed" }, RECORDS_PER_SEC);
  // What appending costs by itself is not the followers' doing.
  await writer.run(2 * roundMs);
  const before = await server.settledUsage(undefined);
  // Short rounds are for checks: they need no crowd.
  const followers = roundMs < 100 ? 20 : FOLLOWERS / 2;
  const settings = { url, basin: BASIN, stream: "followed", transport, followers };
  await using first = await startRole<FollowRole>("follow-load", settings);
  await using second = await startRole<FollowRole>("follow-load", settings);
  const result = {
    p50Ms: [] as number[],
    p99Ms: [] as number[],
    microsPerDelivery: [] as number[],
  };
  for (let round = -1; round < rounds; round++) {
    // Each round begins when the one before has reached everybody.
    const { records, halves, cpuMicros } = await watched(server, async () => {
      const written = await writer.run(roundMs);
      const deliveries = written.records * settings.followers;
      return {
        ...written,
        halves: await Promise.all([first.call.take(deliveries), second.call.take(deliveries)]),
      };
    });
    if (round < 0) continue;
    result.p50Ms.push(Math.max(...halves.map(({ p50Ms }) => p50Ms)));
    result.p99Ms.push(Math.max(...halves.map(({ p99Ms }) => p99Ms)));
    result.microsPerDelivery.push(cpuMicros / (records * 2 * followers));
  }
  const after = await server.settledUsage(undefined);
  return { ...result, grownMib: (after.residentBytes - before.residentBytes) / MIB };
}

function figuresOf(
  transport: FollowTransport,
  ours: Following,
  theirs: Following | undefined,
): readonly Figure[] {
  const figureOf = (
    name: string,
    unit: string,
    of: (following: Following) => readonly number[],
    bound: number,
    note?: string,
  ): Figure =>
    compared({
      name: `${transport}: ${name}`,
      unit,
      better: "less",
      ours: of(ours),
      peers: theirs === undefined ? [] : [{ name: PEER_NAME, rounds: of(theirs) }],
      ...(transport === "sse" ? { goal: { of: "value", relation: "<=", bound } as const } : {}),
      ...(note === undefined ? {} : { note }),
    });
  const p50 = `p50 ${median(ours.p50Ms).toFixed(2)} ms`;
  return [
    figureOf("delivery p99", "ms", ({ p99Ms }) => p99Ms, 15, p50),
    figureOf("processor time per delivery", "µs", ({ microsPerDelivery }) => microsPerDelivery, 11),
    figureOf("memory growth", "MiB", ({ grownMib }) => [grownMib], 40),
  ];
}
