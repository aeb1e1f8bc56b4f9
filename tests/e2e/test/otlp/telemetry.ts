// The SDK of OpenTelemetry as programs have it: providers with the exporters of one encoding, told where
// our server is. Each emits numbered items, so that a test sees which of them arrived.

import { OTLPLogExporter as LogsJson } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as LogsProto } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as MetricsJson } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as MetricsProto } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as TracesJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TracesProto } from "@opentelemetry/exporter-trace-otlp-proto";
import type { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

export const SIGNALS = ["logs", "metrics", "traces"] as const;
export type Signal = (typeof SIGNALS)[number];
export const ENCODINGS = ["http/protobuf", "http/json"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export interface TelemetrySettings {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly url: string;
  /** Default: that of our server. */
  readonly path?: string;
  readonly basin: string;
  /** Of the resource; undefined: it names none. */
  readonly stream: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isCompressed?: boolean;
  readonly timeoutMillis?: number;
}

/** `ok`, or the status of the failure, or what it says. */
export type Outcome = string;

/** Emits items of one signal. */
export interface Telemetry {
  /** An item of this name. */
  emit(name: string): void;
  /** Resolves when all of it was tried; what the exporter was told of each request. */
  flush(): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

export function startTelemetry(settings: TelemetrySettings): Telemetry {
  const { signal, stream } = settings;
  const resource = resourceFromAttributes({
    "service.name": "shop",
    ...(stream === undefined ? {} : { "s2.stream": stream }),
  });
  if (signal === "logs") return logsOf(settings, resource);
  return signal === "traces" ? tracesOf(settings, resource) : metricsOf(settings, resource);
}

type Resource = ReturnType<typeof resourceFromAttributes>;

function exporterOptions(settings: TelemetrySettings): object {
  const { signal, url, basin, headers = {}, timeoutMillis = 20_000 } = settings;
  const { path = `/otlp/v1/${signal}` } = settings;
  return {
    url: url + path,
    headers: { "s2-basin": basin, ...headers },
    timeoutMillis,
    ...(settings.isCompressed === true ? { compression: "gzip" as CompressionAlgorithm } : {}),
  };
}

interface Exporter {
  export(items: never, done: (result: ExportResult) => void): void;
}

interface ExportResult {
  readonly code: number;
  readonly error?: Error & { readonly code?: number };
}

/** Notes what an exporter tells its processor: flushing does not say it for every signal. */
function watched<E extends Exporter>(exporter: E): { exporter: E; outcomes: Outcome[] } {
  const outcomes: Outcome[] = [];
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      outcomes.push(result.code === 0 ? "ok" : String(result.error?.code ?? result.error?.message));
      done(result);
    });
  return { exporter, outcomes };
}

async function flushed(flushing: Promise<void>, outcomes: Outcome[]): Promise<readonly Outcome[]> {
  await flushing.catch(() => undefined);
  return outcomes.splice(0);
}

/** Nothing leaves before it is flushed. */
const BATCH = { scheduledDelayMillis: 600_000, maxExportBatchSize: 4096, maxQueueSize: 8192 };

function logsOf(settings: TelemetrySettings, resource: Resource): Telemetry {
  const Exporter = settings.encoding === "http/json" ? LogsJson : LogsProto;
  const { exporter, outcomes } = watched(new Exporter(exporterOptions(settings)));
  const provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter, ...BATCH })],
  });
  const logger = provider.getLogger("checkout", "1.2.3");
  return {
    emit: (name) => logger.emit({ body: name, severityNumber: 9, attributes: { n: 1 } }),
    flush: () => flushed(provider.forceFlush(), outcomes),
    close: () => provider.shutdown(),
  };
}

function tracesOf(settings: TelemetrySettings, resource: Resource): Telemetry {
  const Exporter = settings.encoding === "http/json" ? TracesJson : TracesProto;
  const { exporter, outcomes } = watched(new Exporter(exporterOptions(settings)));
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter, ...BATCH })],
  });
  const tracer = provider.getTracer("checkout", "1.2.3");
  return {
    emit: (name) => tracer.startSpan(name, { kind: 1, attributes: { n: 1 } }).end(),
    flush: () => flushed(provider.forceFlush(), outcomes),
    close: () => provider.shutdown(),
  };
}

function metricsOf(settings: TelemetrySettings, resource: Resource): Telemetry {
  const Exporter = settings.encoding === "http/json" ? MetricsJson : MetricsProto;
  const { exporter, outcomes } = watched(new Exporter(exporterOptions(settings)));
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 600_000,
    exportTimeoutMillis: 30_000,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter("checkout", "1.2.3");
  return {
    emit: (name) => meter.createCounter(name).add(1, { n: 1 }),
    flush: () => flushed(provider.forceFlush(), outcomes),
    close: () => provider.shutdown(),
  };
}
