// Resident memory of a server that appends as fast as it can, over several sessions: how high it
// goes, and whether it still grows. A short run shows a leak per batch, not a slow one.

import { BASIN } from "../basin.ts";
import { type Benchmark, streamNames } from "../bench.ts";
import { type Figure, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { FrameLoadRole } from "../roles/frame-load.ts";
import { startServer } from "../servers.ts";

const MIB = 1024 * 1024;
/** The goal allows 300 MB and the configured caches: the default of the disk engine. */
const CACHE_BYTES = 64 * MIB;
const GOAL_MIB = (300e6 + CACHE_BYTES) / MIB;

export const memory: Benchmark = {
  name: "memory",
  title: "Resident memory at saturation, 8 append sessions on 2 connections, 100 x 1 KiB",
  async run(options) {
    await using target = await startServer({ ...options, storage: "disk", withPeers: false });
    await using load = await startRole<FrameLoadRole>("frame-load", {
      url: target.url,
      basin: BASIN,
      streams: streamNames(8),
      connections: 2,
      records: 100,
      bodyBytes: 1024,
      outstanding: 16,
    });
    const idle = await target.server.settledUsage(undefined);
    const ms = options.rounds * options.roundMs;
    const [samples, round] = await Promise.all([target.server.watchMemory(ms), load.call.run(ms)]);
    const quarter = Math.ceil(samples.length / 4);
    const early = samples.slice(0, 2 * quarter).slice(-quarter);
    const late = samples.slice(-quarter);
    const figures: Figure[] = [
      {
        name: "resident memory, highest",
        unit: "MiB",
        better: "less",
        value: Math.max(...samples) / MIB,
        goal: { of: "value", relation: "<=", bound: GOAL_MIB },
        note: `idle ${(idle.residentBytes / MIB).toFixed(0)} MiB, ${((round.acks * 102_400) / round.seconds / 1e6).toFixed(0)} MB/s`,
      },
      {
        name: "growth from the second to the last quarter",
        unit: "MiB",
        better: "less",
        value: (median(late) - median(early)) / MIB,
      },
    ];
    return figures;
  },
};
