// Small durable appends per second: 256 streams, each with one append of one 1 KiB record outstanding,
// from two processes with two connections each.

import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns, streamNames } from "../bench.ts";
import { compared, type Rounds } from "../figure.ts";
import { startRole } from "../role.ts";
import type { FrameLoadRole, LoadRound } from "../roles/frame-load.ts";
import type { FrameSinkRole } from "../roles/frame-sink.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const STREAMS = 256;

export const smallAppends: Benchmark = {
  name: "small-appends",
  title: "Small S2S appends, 256 streams, one 1 KiB record outstanding in each",
  async run(options) {
    await using target = await startServer(options);
    await using sink = await startRole<FrameSinkRole>("frame-sink", { transport: "http2" });
    const names = streamNames(STREAMS);
    const loadOf = async (url: string, streams: readonly string[]) =>
      startRole<FrameLoadRole>("frame-load", {
        url,
        basin: BASIN,
        streams,
        connections: 2,
        records: 1,
        bodyBytes: 1024,
        outstanding: 1,
      });
    const halves = [names.slice(0, STREAMS / 2), names.slice(STREAMS / 2)] as const;
    const sinkUrl = await sink.call.url(undefined);
    await using first = await loadOf(target.url, halves[0]);
    await using second = await loadOf(target.url, halves[1]);
    await using sinkFirst = await loadOf(sinkUrl, halves[0]);
    await using sinkSecond = await loadOf(sinkUrl, halves[1]);
    const { peer } = target;
    await using peerFirst = peer && (await loadOf(peer.url, halves[0]));
    await using peerSecond = peer && (await loadOf(peer.url, halves[1]));

    const { roundMs } = options;
    const { ours, http2, others } = await inTurns(options, {
      ours: () => watched(target.server, () => together(roundMs, first.call, second.call)),
      http2: () => watched(sink.call, () => together(roundMs, sinkFirst.call, sinkSecond.call)),
      others:
        peer &&
        peerFirst &&
        peerSecond &&
        (() => watched(peer.server, () => together(roundMs, peerFirst.call, peerSecond.call))),
    });
    const besides = (of: (round: Spent<Together>) => number): readonly Rounds[] => [
      { name: PEER_NAME, rounds: others.map(of) },
    ];
    return [
      compared({
        name: "small appends",
        unit: "/s",
        better: "more",
        ours: ours.map(perSec),
        reference: { name: "HTTP/2 frames without codec and storage", rounds: http2.map(perSec) },
        peers: besides(perSec),
        goal: { of: "ratio", relation: ">=", bound: options.storage === "disk" ? 0.55 : 0.65 },
      }),
      compared({
        name: "server processor time",
        unit: "µs/append",
        better: "less",
        ours: ours.map(microsPerAppend),
        reference: { name: "the HTTP/2 frames", rounds: http2.map(microsPerAppend) },
        peers: besides(microsPerAppend),
      }),
      compared({
        name: "ack p99",
        unit: "ms",
        better: "less",
        ours: ours.map(p99Millis),
        reference: { name: "the HTTP/2 frames", rounds: http2.map(p99Millis) },
        peers: besides(p99Millis),
      }),
    ];
  },
};

interface Together {
  readonly halves: readonly LoadRound[];
}

async function together(
  ms: number,
  ...loads: readonly Pick<FrameLoadRole, "run">[]
): Promise<Together> {
  return { halves: await Promise.all(loads.map((load) => load.run(ms))) };
}

function perSec({ halves }: Together): number {
  return halves.reduce((sum, { acks, seconds }) => sum + acks / seconds, 0);
}

function microsPerAppend({ halves, cpuMicros }: Spent<Together>): number {
  return cpuMicros / halves.reduce((sum, { acks }) => sum + acks, 0);
}

function p99Millis({ halves }: Together): number {
  return Math.max(...halves.map(({ p99Micros }) => p99Micros)) / 1000;
}
