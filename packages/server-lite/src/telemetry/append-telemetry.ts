// What is measured about every append of a node. The backend tells it; the Prometheus page shows
// it. Spec: control-plane#routes.

import type { AppendObserver } from "../backend/append/append-intake.js";
import { Distribution } from "./distribution.js";

const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export class AppendTelemetry implements AppendObserver {
  readonly permitSeconds: Distribution = new Distribution(LATENCY_SECONDS);
  readonly ackSeconds: Distribution = new Distribution(LATENCY_SECONDS);
  readonly records: Distribution = new Distribution([1, 10, 50, 100, 250, 500, 1000]);
  readonly bytes: Distribution = new Distribution([
    512, 1024, 4096, 16_384, 65_536, 262_144, 524_288, 1_048_576,
  ]);

  admitted(waitedMs: number, records: number, meteredBytes: number): void {
    this.permitSeconds.observe(waitedMs / 1000);
    this.records.observe(records);
    this.bytes.observe(meteredBytes);
  }

  acked(tookMs: number): void {
    this.ackSeconds.observe(tookMs / 1000);
  }
}
