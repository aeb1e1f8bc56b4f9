// Latency of an acknowledgement: one append of one 1 KiB record at a time, beside one synchronous
// write of that size to the same disk.

import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns } from "../bench.ts";
import { type Compared, compared, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { DiskWriteRole } from "../roles/disk-write.ts";
import type { FrameLoadRole, LoadRound } from "../roles/frame-load.ts";
import type { FrameSinkRole } from "../roles/frame-sink.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const BODY_BYTES = 1024;
/** About the time between two appends of one writer. */
const PAUSE_MS = 0.1;

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
    const { peer } = target;
    await using theirs = peer && (await loadOf(peer.url));
    await using disk = await startRole<DiskWriteRole>("disk-write", {
      directory: target.scratch,
      bytes: BODY_BYTES,
      pauseMs: PAUSE_MS,
    });
    const { ours, writes, http2, others } = await inTurns(options, {
      ours: () => watched(target.server, () => load.call.run(options.roundMs)),
      // At the pace of the appends: a disk that never rests answers faster than one that waits.
      writes: () => disk.call.run(options.roundMs),
      http2: () => watched(sink.call, () => echo.call.run(options.roundMs)),
      others:
        peer && theirs && (() => watched(peer.server, () => theirs.call.run(options.roundMs))),
    });
    const figureOf = (
      of: (round: Spent<LoadRound>) => number,
    ): Pick<Compared, "ours" | "peers"> => ({
      ours: ours.map(of),
      peers: [{ name: PEER_NAME, rounds: others.map(of) }],
    });
    const isDisk = options.storage === "disk";
    const floors = ours.map(
      (_, at) =>
        (isDisk ? (writes[at]?.p50Micros ?? Number.NaN) : 0) + (http2[at]?.p50Micros ?? Number.NaN),
    );
    return [
      compared({
        name: "ack p50",
        unit: "µs",
        better: "less",
        ...figureOf(({ p50Micros }) => p50Micros),
        reference: {
          name: isDisk ? "a paced O_DSYNC write and an HTTP/2 trip" : "an HTTP/2 trip",
          rounds: floors,
        },
        goal: { of: "ratio", relation: "<=", bound: 1.2 },
        note: `the write ${median(writes.map((each) => each.p50Micros)).toFixed(0)} µs, the trip ${median(http2.map((each) => each.p50Micros)).toFixed(0)} µs`,
      }),
      compared({
        name: "ack p99",
        unit: "µs",
        better: "less",
        ...figureOf(({ p99Micros }) => p99Micros),
        ...(isDisk
          ? {
              reference: {
                name: "a paced O_DSYNC write",
                rounds: writes.map(({ p99Micros }) => p99Micros),
              },
            }
          : {}),
      }),
      compared({
        name: "server processor time",
        unit: "µs/append",
        better: "less",
        ...figureOf(({ cpuMicros, acks }) => cpuMicros / acks),
        reference: {
          name: "the HTTP/2 round trip",
          rounds: http2.map(({ cpuMicros, acks }) => cpuMicros / acks),
        },
      }),
    ];
  },
};
