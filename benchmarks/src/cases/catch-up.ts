// Catch-up read over S2S of a stream that was just written (warm), beside a file of the same size as
// an HTTP/2 response.

import { BASIN } from "../basin.ts";
import { type Benchmark, type BenchOptions, inTurns } from "../bench.ts";
import { compared, type Rounds } from "../figure.ts";
import { startRole } from "../role.ts";
import type { Download, DownloadRole } from "../roles/download-load.ts";
import type { FileServerRole } from "../roles/file-server.ts";
import type { FrameLoadRole } from "../roles/frame-load.ts";
import { PEER_NAME, startServer } from "../servers.ts";
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
    const { peer } = target;
    const peerRecords = peer === undefined ? 0 : await fillStream(options, peer.url, records);
    await using files = await startRole<FileServerRole>("file-server", {
      directory: target.scratch,
      bytes,
    });
    const loadOf = async (url: string, path: string) =>
      startRole<DownloadRole>("download-load", { url, path, basin: BASIN, bytes });
    const path = `/v1/streams/${STREAM}/records?seq_num=0&count=${records}`;
    await using ours = await loadOf(target.url, path);
    await using theirs =
      peer &&
      (await loadOf(peer.url, `/v1/streams/${STREAM}/records?seq_num=0&count=${peerRecords}`));
    await using file = await loadOf(await files.call.url(undefined), "/");

    const results = await inTurns(options, {
      ours: () => watched(target.server, () => ours.call.run(undefined)),
      file: () => watched(files.call, () => file.call.run(undefined)),
      peer: peer && theirs && (() => watched(peer.server, () => theirs.call.run(undefined))),
    });
    const besides = (of: (round: Spent<Download>) => number): readonly Rounds[] => [
      { name: PEER_NAME, rounds: results.peer.map(of) },
    ];
    return [
      compared({
        name: "catch-up read",
        unit: "MB/s",
        better: "more",
        ours: results.ours.map(megabytesPerSec),
        reference: { name: "file to HTTP/2 response", rounds: results.file.map(megabytesPerSec) },
        peers: besides(megabytesPerSec),
        goal: { of: "ratio", relation: ">=", bound: 0.85 },
        note: `${(bytes / 1e6).toFixed(0)} MB a round`,
      }),
      compared({
        name: "server processor time",
        unit: "µs/MB",
        better: "less",
        ours: results.ours.map(microsPerMegabyte),
        reference: { name: "the file's response", rounds: results.file.map(microsPerMegabyte) },
        peers: besides(microsPerMegabyte),
      }),
    ];
  },
};

/** Appends until there is enough to read; answers the number of records. */
async function fillStream(options: BenchOptions, url: string, least = 0): Promise<number> {
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
  while (records < least || records * BODY_BYTES < minBytes)
    records += (await load.call.run(50)).acks * RECORDS;
  return records;
}

function microsPerMegabyte({ cpuMicros, bytes }: Spent<Download>): number {
  return cpuMicros / (bytes / 1e6);
}

function megabytesPerSec({ bytes, seconds }: Download): number {
  return bytes / seconds / 1e6;
}
