// Append throughput of one session: batches of 100 records of 1 KiB over HTTP/2, acknowledged when
// durable, beside the same bytes over HTTP/2 and TCP into a process that only frames and counts.

import { BASIN } from "../basin.ts";
import { type Benchmark, inTurns } from "../bench.ts";
import { compared, median, type Rounds } from "../figure.ts";
import { startRole } from "../role.ts";
import type { ClientLoadRole } from "../roles/client-load.ts";
import type { DiskWriteRole, DiskWrites } from "../roles/disk-write.ts";
import type { FrameLoadRole, FrameLoadSettings, LoadRound } from "../roles/frame-load.ts";
import type { FrameSinkRole } from "../roles/frame-sink.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const RECORDS = 100;
const BODY_BYTES = 1024;
const DISK_WRITE_BYTES = 1024 * 1024;
const SLOW_DISK_MB_PER_SEC = 1000;
const LOAD: Omit<FrameLoadSettings, "url"> = {
  basin: BASIN,
  streams: ["append"],
  connections: 1,
  records: RECORDS,
  bodyBytes: BODY_BYTES,
  outstanding: 16,
};

function megabytesPerSec({ acks, seconds }: LoadRound): number {
  return (acks * RECORDS * BODY_BYTES) / seconds / 1e6;
}

function diskMegabytesPerSec({ bytes, seconds }: DiskWrites): number {
  return bytes / seconds / 1e6;
}

function secondsPerGigabyte({ cpuMicros, acks }: Spent<LoadRound>): number {
  return cpuMicros / 1e6 / ((acks * RECORDS * BODY_BYTES) / 1e9);
}

function p50Millis({ p50Micros }: LoadRound): number {
  return p50Micros / 1000;
}

export const append: Benchmark = {
  name: "append",
  title: "S2S append, 100 x 1 KiB per batch, HTTP/2, one session",
  async run(options) {
    await using target = await startServer(options);
    await using http2 = await startRole<FrameSinkRole>("frame-sink", { transport: "http2" });
    await using tcp = await startRole<FrameSinkRole>("frame-sink", { transport: "tcp" });
    const loadOf = async (url: string) => startRole<FrameLoadRole>("frame-load", { ...LOAD, url });
    await using ours = await loadOf(target.url);
    await using overHttp2 = await loadOf(await http2.call.url(undefined));
    await using overTcp = await loadOf(await tcp.call.url(undefined));
    const { peer } = target;
    await using theirs = peer && (await loadOf(peer.url));
    await using disk = await startRole<DiskWriteRole>("disk-write", {
      directory: target.scratch,
      bytes: DISK_WRITE_BYTES,
    });
    await using client = await startRole<ClientLoadRole>("client-load", {
      url: target.url,
      basin: BASIN,
      stream: "client",
      records: RECORDS,
      bodyBytes: BODY_BYTES,
      maxInflightBytes: LOAD.outstanding * RECORDS * (BODY_BYTES + 8),
    });

    const { roundMs } = options;
    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(roundMs)),
      http2: () => watched(http2.call, () => overHttp2.call.run(roundMs)),
      tcp: () => watched(tcp.call, () => overTcp.call.run(roundMs)),
      disk: () => disk.call.run(roundMs),
      client: () => client.call.run(roundMs),
      peer: peer && theirs && (() => watched(peer.server, () => theirs.call.run(roundMs))),
    });
    const mine = results.ours.map(megabytesPerSec);
    const diskRounds = results.disk.map(diskMegabytesPerSec);
    const isDiskSlow = median(diskRounds) < SLOW_DISK_MB_PER_SEC;
    const besides = (of: (round: Spent<LoadRound>) => number): readonly Rounds[] => [
      { name: PEER_NAME, rounds: results.peer.map(of) },
    ];
    const appended = { name: "append", unit: "MB/s", better: "more", ours: mine } as const;
    return [
      compared({
        ...appended,
        reference: {
          name: "HTTP/2 upload without codec and storage",
          rounds: results.http2.map(megabytesPerSec),
        },
        peers: besides(megabytesPerSec),
        goal: { of: "ratio", relation: ">=", bound: 0.4 },
      }),
      compared({
        ...appended,
        reference: { name: "bare TCP upload", rounds: results.tcp.map(megabytesPerSec) },
        goal: { of: "ratio", relation: ">=", bound: 0.25 },
      }),
      compared({
        ...appended,
        reference: { name: "O_DSYNC writes of 1 MiB, one at a time", rounds: diskRounds },
        // Only a slow disk must be the limit.
        ...(isDiskSlow ? { goal: { of: "ratio", relation: ">=", bound: 0.85 } as const } : {}),
      }),
      compared({
        name: "ack p50",
        unit: "ms",
        better: "less",
        ours: results.ours.map(p50Millis),
        peers: besides(p50Millis),
      }),
      compared({
        name: "server processor time",
        unit: "s/GB",
        better: "less",
        ours: results.ours.map(secondsPerGigabyte),
        reference: {
          name: "the HTTP/2 upload",
          rounds: results.http2.map(secondsPerGigabyte),
        },
        peers: besides(secondsPerGigabyte),
        goal: { of: "value", relation: "<=", bound: 3 },
      }),
      compared({
        name: "append by @s2kit/client",
        unit: "MB/s",
        better: "more",
        ours: results.client.map(megabytesPerSec),
        reference: { name: "append of prebuilt frames", rounds: mine },
      }),
    ];
  },
};
