// Catch-up read over S2S of a stream that was just written (warm), beside a file of the same size as
// an HTTP/2 response.

import { BASIN, type Benchmark, type BenchOptions, inTurns, startServer } from "../bench.ts";
import { compared } from "../figure.ts";
import { startRole } from "../role.ts";
import type { Download, DownloadRole } from "../roles/download-load.ts";
import type { FileServerRole } from "../roles/file-server.ts";
import type { FrameLoadRole } from "../roles/frame-load.ts";
import { type Spent, watched } from "../usage.ts";

const RECORDS = 100;
const BODY_BYTES = 1024;
const STREAM = "catch-up";
/** Larger than the server's cache of the tail, so that files are read; and a round's worth. */
const MIN_BYTES = 256 * 1024 * 1024;

export const catchUp: Benchmark = {
  name: "catch-up",
  title: "Catch-up read of 1 KiB records, S2S over HTTP/2, warm",
  async run(options) {
    await using target = await startServer(options);
    const records = await fillStream(options, target.url);
    const bytes = records * BODY_BYTES;
    await using files = await startRole<FileServerRole>("file-server", {
      directory: target.scratch,
      bytes,
    });
    const loadOf = async (url: string, path: string) =>
      startRole<DownloadRole>("download-load", { url, path, basin: BASIN, bytes });
    const path = `/v1/streams/${STREAM}/records?seq_num=0&count=${records}`;
    await using ours = await loadOf(target.url, path);
    await using file = await loadOf(await files.call.url(undefined), "/");

    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(undefined)),
      file: () => watched(files.call, () => file.call.run(undefined)),
    });
    return [
      compared(
        "catch-up read",
        "MB/s",
        results.ours.map(megabytesPerSec),
        { name: "file to HTTP/2 response", rounds: results.file.map(megabytesPerSec) },
        { of: "ratio", relation: ">=", bound: 0.6 },
        `${(bytes / 1e6).toFixed(0)} MB a round`,
      ),
      compared("server processor time", "µs/MB", results.ours.map(microsPerMegabyte), {
        name: "of the file's response",
        rounds: results.file.map(microsPerMegabyte),
      }),
    ];
  },
};

/** Appends until there is enough to read; answers the number of records. */
async function fillStream(options: BenchOptions, url: string): Promise<number> {
  await using load = await startRole<FrameLoadRole>("frame-load", {
    url,
    basin: BASIN,
    streams: [STREAM],
    connections: 1,
    records: RECORDS,
    bodyBytes: BODY_BYTES,
    outstanding: 16,
  });
  // Short rounds are for checks: they need not leave the cache.
  const minBytes = Math.min(MIN_BYTES, options.roundMs * 512 * 1024);
  let records = 0;
  while (records * BODY_BYTES < minBytes) records += (await load.call.run(50)).acks * RECORDS;
  return records;
}

function microsPerMegabyte({ cpuMicros, bytes }: Spent<Download>): number {
  return cpuMicros / (bytes / 1e6);
}

function megabytesPerSec({ bytes, seconds }: Download): number {
  return bytes / seconds / 1e6;
}
