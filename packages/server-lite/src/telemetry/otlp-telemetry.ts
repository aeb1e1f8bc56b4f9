// What is counted about telemetry of others that comes in. Routes tell it; the Prometheus page
// shows it. Spec: control-plane#routes.

import type { OtlpSignal } from "@s2kit/core/server";

export class OtlpTelemetry {
  /** Records that OTLP requests became, by signal. */
  readonly records: Map<OtlpSignal, number> = nothingYet();
  /** Items that were refused for good: log records, data points, spans. */
  readonly rejectedItems: Map<OtlpSignal, number> = nothingYet();

  delivered(signal: OtlpSignal, records: number): void {
    this.records.set(signal, (this.records.get(signal) ?? 0) + records);
  }

  rejected(signal: OtlpSignal, items: number): void {
    this.rejectedItems.set(signal, (this.rejectedItems.get(signal) ?? 0) + items);
  }
}

/** Each signal from the start: a counter that appears with its first value hides it from rates. */
function nothingYet(): Map<OtlpSignal, number> {
  return new Map([
    ["logs", 0],
    ["metrics", 0],
    ["traces", 0],
  ]);
}
