// Latency of an acknowledgement: one append of one 1 KiB record at a time, beside one synchronous
// write of that size to the same disk.

import { BASIN, type Benchmark, inTurns, startServer } from "../bench.ts";
import { compared, type Figure, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { DiskWriteRole } from "../roles/disk-write.ts";
import type { FrameLoadRole } from "../roles/frame-load.ts";
import type { FrameSinkRole } from "../roles/frame-sink.ts";

const BODY_BYTES = 1024;

export const ack: Benchmark = {
  name: "ack",
  title: "S2S acknowledgement, one 1 KiB append outstanding, HTTP/2",
  async run(options) {
    await using target = await startServer(options);
    await using sink = await startRole<FrameSinkRole>("frame-sink", { transport: "http2" });
    const loadOf = async (url: string) =>
      startRole<FrameLoadRole>("frame-load", {
        url,
        basin: BASIN,
        streams: ["ack"],
        connections: 1,
        records: 1,
        bodyBytes: BODY_BYTES,
        outstanding: 1,
      });
    await using load = await loadOf(target.url);
    await using echo = await loadOf(await sink.call.url(undefined));
    await using disk = await startRole<DiskWriteRole>("disk-write", {
      directory: target.scratch,
      bytes: BODY_BYTES,
    });
    const { ours, writes, http2 } = await inTurns(options, {
      ours: () => load.call.run(options.roundMs),
      writes: () => disk.call.run(options.roundMs),
      http2: () => echo.call.run(options.roundMs),
    });
    const figureOf = (name: "p50Micros" | "p99Micros", bound: number): Figure =>
      compared(
        `ack ${name.slice(0, 3)}`,
        "µs",
        ours.map((round) => round[name]),
        { name: "one O_DSYNC write", rounds: writes.map((round) => round[name]) },
        { of: "ratio", relation: "<=", bound },
        `HTTP/2 round trip without storage ${median(http2.map((round) => round[name])).toFixed(0)} µs`,
      );
    const added = ours.map((round, at) => round.p50Micros - (writes[at]?.p50Micros ?? Number.NaN));
    return [
      figureOf("p50Micros", 1.5),
      {
        name: "ack p50 above the write",
        unit: "µs",
        value: median(added),
        goal: { of: "value", relation: "<=", bound: 40 },
      },
      figureOf("p99Micros", 2),
    ];
  },
};
