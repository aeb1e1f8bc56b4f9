// Append throughput of one session: batches of 100 records of 1 KiB over HTTP/2, acknowledged when
// durable, beside the same bytes over HTTP/2 and TCP into a process that only frames and counts.

import { BASIN, type Benchmark, inTurns, startServer } from "../bench.ts";
import { compared, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { ClientLoadRole } from "../roles/client-load.ts";
import type { DiskWriteRole, DiskWrites } from "../roles/disk-write.ts";
import type { FrameLoadRole, FrameLoadSettings, LoadRound } from "../roles/frame-load.ts";
import type { FrameSinkRole } from "../roles/frame-sink.ts";
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

function microsPerBatch({ cpuMicros, acks }: Spent<LoadRound>): number {
  return cpuMicros / acks;
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
    });
    const mine = results.ours.map(megabytesPerSec);
    const diskRounds = results.disk.map(diskMegabytesPerSec);
    const isDiskSlow = median(diskRounds) < SLOW_DISK_MB_PER_SEC;
    const latency = median(results.ours.map(({ p50Micros }) => p50Micros)) / 1000;
    return [
      compared(
        "append",
        "MB/s",
        mine,
        {
          name: "HTTP/2 upload without codec and storage",
          rounds: results.http2.map(megabytesPerSec),
        },
        { of: "ratio", relation: ">=", bound: 0.4 },
        `ack p50 ${latency.toFixed(2)} ms`,
      ),
      compared(
        "append",
        "MB/s",
        mine,
        { name: "bare TCP upload", rounds: results.tcp.map(megabytesPerSec) },
        { of: "ratio", relation: ">=", bound: 0.25 },
      ),
      compared(
        "append",
        "MB/s",
        mine,
        { name: "O_DSYNC writes of 1 MiB, one at a time", rounds: diskRounds },
        // Only a slow disk must be the limit.
        isDiskSlow ? { of: "ratio", relation: ">=", bound: 0.85 } : undefined,
      ),
      compared("server processor time", "µs/batch", results.ours.map(microsPerBatch), {
        name: "of the HTTP/2 upload",
        rounds: results.http2.map(microsPerBatch),
      }),
      compared("append by @s2kit/client", "MB/s", results.client.map(megabytesPerSec), {
        name: "append of prebuilt frames",
        rounds: mine,
      }),
    ];
  },
};
