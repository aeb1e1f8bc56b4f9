// One append session for a minute (`--stretch-ms`), beside the disk's own bandwidth just before and just
// after: what is left once caches, free segments and the rewrite of the log have had their say.

import { BASIN, type ServerUnderTest } from "../basin.ts";
import type { Benchmark } from "../bench.ts";
import { compared, median } from "../figure.ts";
import { startRole } from "../role.ts";
import type { DiskWriteRole } from "../roles/disk-write.ts";
import type { FrameLoadRole, LoadRound } from "../roles/frame-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
import { type Spent, watched } from "../usage.ts";

const RECORDS = 100;
const BODY_BYTES = 1024;
const DISK_WRITE_BYTES = 1024 * 1024;

export const sustained: Benchmark = {
  name: "sustained",
  title: "S2S append at a stretch, 100 x 1 KiB per batch, one session",
  async run(options) {
    await using target = await startServer({ ...options, storage: "disk" });
    await using disk = await startRole<DiskWriteRole>("disk-write", {
      directory: target.scratch,
      bytes: DISK_WRITE_BYTES,
    });
    const stretch = async ({ url, server }: ServerUnderTest): Promise<Spent<LoadRound>> => {
      await using load = await startRole<FrameLoadRole>("frame-load", {
        url,
        basin: BASIN,
        streams: ["sustained"],
        connections: 1,
        records: RECORDS,
        bodyBytes: BODY_BYTES,
        outstanding: 16,
      });
      return await watched(server, () => load.call.run(options.stretchMs));
    };
    const bare = async (): Promise<number> => {
      const { bytes, seconds } = await disk.call.run(options.stretchMs / 10);
      return bytes / seconds / 1e6;
    };
    const before = await bare();
    const ours = await stretch(target);
    const after = await bare();
    const { peer } = target;
    const theirs = peer === undefined ? [] : [await stretch(peer)];
    return [
      compared({
        name: "append, at a stretch",
        unit: "MB/s",
        better: "more",
        ours: [megabytesPerSec(ours)],
        reference: { name: "O_DSYNC writes of 1 MiB", rounds: [median([before, after])] },
        peers: [{ name: PEER_NAME, rounds: theirs.map(megabytesPerSec) }],
        goal: { of: "ratio", relation: ">=", bound: 0.5 },
        note: `${(options.stretchMs / 1000).toFixed(0)} s; bare writes before ${before.toFixed(0)}, after ${after.toFixed(0)} MB/s`,
      }),
      compared({
        name: "server processor time",
        unit: "s/GB",
        better: "less",
        ours: [secondsPerGigabyte(ours)],
        peers: [{ name: PEER_NAME, rounds: theirs.map(secondsPerGigabyte) }],
      }),
    ];
  },
};

function megabytesPerSec({ acks, seconds }: LoadRound): number {
  return (acks * RECORDS * BODY_BYTES) / seconds / 1e6;
}

function secondsPerGigabyte({ acks, cpuMicros }: Spent<LoadRound>): number {
  return cpuMicros / 1e6 / ((acks * RECORDS * BODY_BYTES) / 1e9);
}
