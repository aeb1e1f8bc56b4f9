// Counts what a steady store does, for the metrics page: by operation, and by what became of it.
// A listener of the store; it decides nothing.

import type { Clock } from "@s2kit/core";
import type { StorageGauge } from "../../storage.js";
import { type ObjectFailure, type ObjectStore, ObjectStoreError } from "./object-store.js";
import type { AttemptFact, ObjectOperation, SteadyHooks } from "./steady/steady-hooks.js";
import type { SteadyStore } from "./steady/steady-store.js";

type Counts = Map<string, number>;

export class BucketTelemetry implements SteadyHooks {
  private readonly attempts: Counts = new Map();
  private readonly failures: Counts = new Map();
  private readonly retries: Counts = new Map();
  private readonly seconds: Counts = new Map();
  private readonly bytes: Counts = new Map();
  private hedges = 0;

  attempted({ operation, isHedge, latencyMs, bytes, failure }: AttemptFact): void {
    add(this.attempts, operation, 1);
    add(this.seconds, operation, latencyMs / 1000);
    add(this.bytes, operation, bytes);
    if (isHedge) this.hedges++;
    if (failure !== undefined) add(this.failures, failure, 1);
  }

  retrying({ operation }: { readonly operation: ObjectOperation }): void {
    add(this.retries, operation, 1);
  }

  gauges(store: Pick<SteadyStore, "load" | "putP99Ms">): readonly StorageGauge[] {
    const by = (name: string, help: string, label: string, counts: Counts): StorageGauge => ({
      type: "counter",
      name: `s2kit_bucket_${name}_total`,
      help,
      label,
      read: () => new Map(counts),
    });
    return [
      by("requests", "Requests to the bucket", "operation", this.attempts),
      by("request_seconds", "Time of all requests to the bucket", "operation", this.seconds),
      by("request_bytes", "Bytes that went to or came from the bucket", "operation", this.bytes),
      by("failures", "Requests to the bucket that had no answer", "failure", this.failures),
      by("retries", "Requests to the bucket that were sent again", "operation", this.retries),
      {
        type: "counter",
        name: "s2kit_bucket_hedges_total",
        help: "PUTs that were sent a second time beside the first",
        read: () => this.hedges,
      },
      {
        name: "s2kit_bucket_put_p99_seconds",
        help: "Latency that 99 of 100 of the latest PUTs stayed below; 0 until it is known",
        read: () => (store.putP99Ms ?? 0) / 1000,
      },
      {
        name: "s2kit_bucket_waiting",
        help: "Requests that wait for their turn, by kind",
        label: "kind",
        read: () =>
          new Map(Object.entries(store.load).map(([kind, { waiting }]) => [kind, waiting])),
      },
    ];
  }
}

/** The same bucket, whose renewals of leases are counted: they go out beside a steady store. */
export function countingLeases(
  store: ObjectStore,
  hooks: Pick<SteadyHooks, "attempted">,
  clock: Clock,
): ObjectStore {
  return {
    putIfAbsent: (...all) => store.putIfAbsent(...all),
    get: (...all) => store.get(...all),
    exists: (...all) => store.exists(...all),
    list: (...all) => store.list(...all),
    delete: (...all) => store.delete(...all),
    async overwrite(key, parts, signal) {
      const sentMs = clock.monotonic();
      const bytes = parts.reduce((sum, { length }) => sum + length, 0);
      let failure: ObjectFailure | undefined;
      try {
        await store.overwrite(key, parts, signal);
      } catch (error) {
        if (error instanceof ObjectStoreError) ({ failure } = error);
        throw error;
      } finally {
        const latencyMs = clock.monotonic() - sentMs;
        const operation = "overwrite";
        hooks.attempted?.({ operation, attempt: 1, isHedge: false, latencyMs, bytes, failure });
      }
    },
  };
}

function add(counts: Counts, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}
