// What the Prometheus page of a server shows: its appends, streams, sessions and store.
// Spec: control-plane#routes.

import type { Backend } from "../backend/backend.js";
import type { BackendGauges } from "../backend/gauges.js";
import { HELD_KINDS } from "../memory/held-kinds.js";
import type { MemoryBudget } from "../memory/memory-budget.js";
import type { StorageGauge } from "../storage/storage.js";
import type { AppendTelemetry } from "./append-telemetry.js";
import type { OtlpTelemetry } from "./otlp-telemetry.js";
import {
  createPrometheusPage,
  type NamedDistribution,
  type NamedGauge,
  type PrometheusPage,
} from "./prometheus-page.js";

/** Whom the page asks. */
export interface ServerPageComponents {
  readonly backend: Backend;
  readonly appends: AppendTelemetry;
  readonly otlp: OtlpTelemetry;
  readonly sessions: { readonly size: number };
  readonly budget: MemoryBudget;
  readonly droppedLogLines: () => number;
}

export function createServerPage({
  backend,
  appends,
  otlp,
  sessions,
  budget,
  droppedLogLines,
}: ServerPageComponents): PrometheusPage {
  return createPrometheusPage(distributionsOf(appends), [
    ...gaugesOf(backend.gauges),
    ...memoryGauges(budget),
    ...otlpGauges(otlp),
    ...(backend.shard.storage.gauges ?? []).map(namedGauge),
    { name: "s2kit_sessions", help: "Open read and append sessions", read: () => sessions.size },
    {
      name: "s2kit_log_dropped_lines",
      help: "Log lines that could not be written",
      read: droppedLogLines,
    },
  ]);
}

/** The page knows two kinds: with a label, and without. */
function namedGauge({ name, help, label, read }: StorageGauge): NamedGauge {
  return label === undefined
    ? { name, help, read: () => read() as number }
    : { name, help, label, read: () => read() as ReadonlyMap<string, number> };
}

function distributionsOf(appends: AppendTelemetry): readonly NamedDistribution[] {
  return [
    {
      name: "s2_append_permit_latency_seconds",
      help: "Time that appends waited for room in flight",
      distribution: appends.permitSeconds,
    },
    {
      name: "s2_append_ack_latency_seconds",
      help: "Time from an append's arrival to its acknowledgement",
      distribution: appends.ackSeconds,
    },
    {
      name: "s2_append_batch_records",
      help: "Records of append batches",
      distribution: appends.records,
    },
    {
      name: "s2_append_batch_bytes",
      help: "Metered bytes of append batches",
      distribution: appends.bytes,
    },
  ];
}

function gaugesOf(gauges: BackendGauges): readonly NamedGauge[] {
  return [
    {
      name: "s2kit_append_inflight_bytes",
      help: "Metered bytes of appends that are accepted and not yet durable",
      read: () => gauges.inflightBytes,
    },
    {
      name: "s2kit_append_inflight_max_bytes",
      help: "Bound of the appends in flight",
      read: () => gauges.maxInflightBytes,
    },
    {
      name: "s2kit_active_streams",
      help: "Streams that are held in memory",
      read: () => gauges.activeStreams,
    },
    {
      name: "s2kit_followers",
      help: "Readers that wait at the tail of a stream",
      read: () => gauges.followers,
    },
    {
      name: "s2kit_read_records",
      help: "Records that readers got since the start",
      read: () => gauges.readRecords,
    },
    {
      name: "s2kit_read_bytes",
      help: "Metered bytes of the records that readers got since the start",
      read: () => gauges.readBytes,
    },
    {
      name: "s2kit_storage_open",
      help: "1 while the store takes writes, else 0",
      read: () => (gauges.isStorageOpen ? 1 : 0),
    },
    {
      name: "s2kit_storage_durable_position",
      help: "Commits that are durable",
      read: () => gauges.durablePosition,
    },
  ];
}

function otlpGauges(otlp: OtlpTelemetry): readonly NamedGauge[] {
  return [
    {
      name: "s2kit_otlp_records",
      help: "Records that OTLP requests became since the start, by signal",
      label: "signal",
      read: () => otlp.records,
    },
    {
      name: "s2kit_otlp_rejected_items",
      help: "Log records, data points and spans that were refused for good since the start, by signal",
      label: "signal",
      read: () => otlp.rejectedItems,
    },
  ];
}

function memoryGauges(budget: MemoryBudget): readonly NamedGauge[] {
  return [
    {
      name: "s2kit_memory_held_bytes",
      help: "Bytes that are held for clients, by what for",
      label: "kind",
      read: () => new Map(HELD_KINDS.map((kind) => [kind, budget.heldBy(kind)])),
    },
    {
      name: "s2kit_memory_held_max_bytes",
      help: "Bound of all bytes that are held for clients",
      read: () => budget.maxBytes,
    },
    {
      name: "s2kit_memory_gave_way",
      help: "Stalled clients that were cut off, or had to give up what they held, since the start",
      read: () => budget.gaveWay,
    },
  ];
}
