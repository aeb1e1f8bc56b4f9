// What the Prometheus page of a server shows: its requests, appends, readers, connections and
// store. Each family is in the table of docs/guides/metrics.md. Spec: control-plane#routes.

import type { BackendGauges } from "../backend/gauges.js";
import { HELD_KINDS } from "../memory/held-kinds.js";
import type { MemoryBudget } from "../memory/memory-budget.js";
import type { Storage } from "../storage/storage.js";
import { AppendTelemetry } from "./append-telemetry.js";
import {
  byLabel,
  counterOf,
  type Figure,
  gaugeOf,
  histogramOf,
  type LabelledValue,
} from "./figure.js";
import { OtlpTelemetry } from "./otlp-telemetry.js";
import { createPrometheusPage, type PrometheusPage } from "./prometheus-page.js";
import { RequestTelemetry } from "./request-telemetry.js";
import { engineFigures, storageFigures } from "./storage-figures.js";
import { StorageTelemetry } from "./storage-telemetry.js";
import { SERVER_VERSION } from "./version.js";

/** What counts while the server runs, and is shown. */
export interface ServerTelemetry {
  readonly appends: AppendTelemetry;
  readonly otlp: OtlpTelemetry;
  readonly requests: RequestTelemetry;
  readonly storage: StorageTelemetry;
}

/** At the opening of a server. */
export function createTelemetry(): ServerTelemetry {
  return {
    appends: new AppendTelemetry(),
    otlp: new OtlpTelemetry(),
    requests: new RequestTelemetry(),
    storage: new StorageTelemetry(),
  };
}

/** The open sessions, as far as they are shown. */
interface OpenSessions {
  readonly size: number;
  readonly byKind: Iterable<{
    readonly kind: string;
    readonly protocol: string;
    readonly open: number;
  }>;
}

/** What is asked when somebody looks. */
export interface ServerPageSources extends ServerTelemetry {
  readonly gauges: BackendGauges;
  /** The engines of now: one that failed may have been opened again. */
  storages(): readonly Storage[];
  readonly sessions: OpenSessions;
  readonly budget: MemoryBudget;
  /** Open connections by what they speak. */
  connections(): ReadonlyMap<string, number>;
  acceptedConnections(): number;
  droppedLogLines(): number;
  /** `memory`, `disk` or `bucket`. */
  readonly storageKind: string;
  /** When the certificate ends, in seconds since the epoch; undefined without TLS. */
  readonly certificateEndsSecs: number | undefined;
}

export function createServerPage(sources: ServerPageSources): PrometheusPage {
  const { gauges } = sources;
  return createPrometheusPage([
    ...processFigures(sources),
    ...requestFigures(sources),
    ...appendFigures(sources, gauges),
    ...readFigures(gauges),
    ...otlpFigures(sources.otlp),
    ...memoryFigures(sources.budget),
    ...storageFigures(sources.storage, gauges),
    ...engineFigures(() => sources.storages()),
  ]);
}

function processFigures(sources: ServerPageSources): readonly Figure[] {
  const labels = ["version", "node", "storage"];
  const values = [SERVER_VERSION, process.version, sources.storageKind];
  const { certificateEndsSecs } = sources;
  return [
    {
      type: "gauge",
      name: "s2kit_build_info",
      help: "1, with what runs here as labels",
      labels,
      read: () => [[values, 1]],
    },
    ...(certificateEndsSecs === undefined
      ? []
      : [
          gaugeOf(
            "s2kit_tls_certificate_end_timestamp_seconds",
            "When the certificate of the port ends",
            () => certificateEndsSecs,
          ),
        ]),
    counterOf("s2kit_log_dropped_lines_total", "Log lines that could not be written", () =>
      sources.droppedLogLines(),
    ),
  ];
}

function requestFigures(sources: ServerPageSources): readonly Figure[] {
  const { requests } = sources;
  return [
    {
      type: "counter",
      name: "s2kit_http_requests_total",
      help: "Requests that were answered; of a session, its opening",
      labels: ["route", "status"],
      read: () => requests.counts(),
    },
    {
      type: "histogram",
      name: "s2kit_http_request_duration_seconds",
      help: "Time from a request to its answer; of a session, to its opening",
      labels: ["route"],
      read: () => requests.durations(),
    },
    {
      type: "counter",
      name: "s2kit_errors_total",
      help: "Failures that clients were told, of requests and within sessions",
      labels: ["code"],
      read: () => requests.errors(),
    },
    {
      type: "gauge",
      name: "s2kit_connections",
      help: "Open connections",
      labels: ["protocol"],
      read: () => byLabel(sources.connections()),
    },
    counterOf("s2kit_connections_accepted_total", "Connections since the start", () =>
      sources.acceptedConnections(),
    ),
    gaugeOf("s2kit_sessions", "Open read and append sessions", () => sources.sessions.size),
    {
      type: "gauge",
      name: "s2kit_sessions_by_kind",
      help: "Open sessions by what they do and what carries them",
      labels: ["kind", "protocol"],
      read: () => sessionsOf(sources.sessions),
    },
  ];
}

function sessionsOf(sessions: OpenSessions): readonly LabelledValue[] {
  return Array.from(sessions.byKind, ({ kind, protocol, open }) => [[kind, protocol], open]);
}

function appendFigures({ appends }: ServerTelemetry, gauges: BackendGauges): readonly Figure[] {
  return [
    histogramOf(
      "s2_append_permit_latency_seconds",
      "Time that appends waited for room in flight",
      appends.permitSeconds,
    ),
    histogramOf(
      "s2_append_ack_latency_seconds",
      "Time from an append's arrival to its acknowledgement",
      appends.ackSeconds,
    ),
    histogramOf("s2_append_batch_records", "Records of append batches", appends.records),
    histogramOf("s2_append_batch_bytes", "Metered bytes of append batches", appends.bytes),
    gaugeOf(
      "s2kit_append_inflight_bytes",
      "Metered bytes of appends that are accepted and not yet durable",
      () => gauges.inflightBytes,
    ),
    gaugeOf(
      "s2kit_append_inflight_max_bytes",
      "Bound of the appends in flight",
      () => gauges.maxInflightBytes,
    ),
    gaugeOf(
      "s2kit_append_waiting",
      "Appends that wait for room in flight",
      () => gauges.waitingAppends,
    ),
    gaugeOf(
      "s2kit_append_pending_replies",
      "Replies that wait until what they tell is durable",
      () => gauges.pendingReplies,
    ),
  ];
}

function otlpFigures(otlp: OtlpTelemetry): readonly Figure[] {
  return [
    {
      type: "counter",
      name: "s2kit_otlp_records_total",
      help: "Records that OTLP requests became, by signal",
      labels: ["signal"],
      read: () => byLabel(otlp.records),
    },
    {
      type: "counter",
      name: "s2kit_otlp_rejected_items_total",
      help: "Log records, data points and spans that were refused for good, by signal",
      labels: ["signal"],
      read: () => byLabel(otlp.rejectedItems),
    },
  ];
}

function readFigures(gauges: BackendGauges): readonly Figure[] {
  return [
    gaugeOf("s2kit_active_streams", "Streams that are held in memory", () => gauges.activeStreams),
    gaugeOf("s2kit_followers", "Readers that wait at the tail of a stream", () => gauges.followers),
    counterOf("s2kit_read_records_total", "Records that readers got", () => gauges.readRecords),
    counterOf(
      "s2kit_read_bytes_total",
      "Metered bytes of the records that readers got",
      () => gauges.readBytes,
    ),
  ];
}

function memoryFigures(budget: MemoryBudget): readonly Figure[] {
  return [
    {
      type: "gauge",
      name: "s2kit_memory_held_bytes",
      help: "Bytes that are held for clients, by what for",
      labels: ["kind"],
      read: () => HELD_KINDS.map((kind): LabelledValue => [[kind], budget.heldBy(kind)]),
    },
    gaugeOf(
      "s2kit_memory_held_max_bytes",
      "Bound of all bytes that are held for clients",
      () => budget.maxBytes,
    ),
    counterOf(
      "s2kit_memory_gave_way_total",
      "Stalled clients that were cut off, or had to give up what they held",
      () => budget.gaveWay,
    ),
  ];
}
