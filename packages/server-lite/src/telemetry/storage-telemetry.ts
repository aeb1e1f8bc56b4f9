// What is measured about the log of the disk engine: each write, which confirms all commits in it.
// The engine tells it; the Prometheus page shows it.

import { Distribution } from "./distribution.js";

export class StorageTelemetry {
  readonly writeSeconds: Distribution = new Distribution([
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5,
  ]);
  readonly writeBytes: Distribution = new Distribution([
    4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  ]);
  readonly writeCommits: Distribution = new Distribution([1, 2, 5, 10, 25, 100, 500]);

  /** The disk has a group of the log. */
  wrote(tookMs: number, bytes: number, commits: number): void {
    this.writeSeconds.observe(tookMs / 1000);
    this.writeBytes.observe(bytes);
    this.writeCommits.observe(commits);
  }
}
